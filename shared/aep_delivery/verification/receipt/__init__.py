"""The receipt: what was asked, what Adobe reports, what lies in storage, and the verdict; as JSON, text and HTML."""
