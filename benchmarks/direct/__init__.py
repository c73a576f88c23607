"""The blueprint made without an engine: boto3 and `kubectl apply`, for comparison."""
