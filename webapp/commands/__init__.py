"""The project's own commands: `send_reminders.py` with a function `send_reminders` is `oppman send-reminders`.

The function's parameters become arguments and options. It may be async.
"""
