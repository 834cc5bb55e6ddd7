"""The municipality's register of processing (GDPR art. 30) for what its robots do, out of code and configuration."""
