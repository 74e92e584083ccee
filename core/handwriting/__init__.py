"""A person's own handwriting: samples, files, and a network fine-tuned on them."""
