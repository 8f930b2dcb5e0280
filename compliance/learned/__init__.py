"""What of the law is learned: words and topics that tell of children."""
