"""The multimodal topic model (ARTM): learns topics of words, hashtags and visual words, infers and explains them."""
