"""The deployment package, which its tests build."""
