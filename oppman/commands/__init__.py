"""The commands, one file for a command or group. `oppman.manifest` lists them."""
