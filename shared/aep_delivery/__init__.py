"""AEP Delivery: declarative, verified deliveries from Adobe Experience Platform."""

__version__ = "0.1.0"
