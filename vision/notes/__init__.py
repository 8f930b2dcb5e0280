"""What the file of a photo says of it: EXIF of the camera, IPTC and XMP of whoever keeps the photo."""
