"""Where what stands differs from what was stood up."""
