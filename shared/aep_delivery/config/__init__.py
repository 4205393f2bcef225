"""What a user writes: the config file, its models, its positions and its diagnostics."""
