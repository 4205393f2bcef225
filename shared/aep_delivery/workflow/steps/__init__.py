"""What each step of the ``deliver`` workflow does, apart from being a Lambda."""
