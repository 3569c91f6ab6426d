"""What other programs load of groundup: pytest its plugin, and notebooks their magics."""
