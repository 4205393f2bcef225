"""An emulated Adobe Experience Platform: IMS tokens, the Flow Service and dataflows that really export files.

Run it with ``python -m emulator.adobe``, or from Python with :func:`emulator.adobe.server.start`.
"""
