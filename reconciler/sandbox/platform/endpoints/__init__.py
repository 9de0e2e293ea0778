"""The API's endpoints, one file per part: functions from a call that passed the gate to a JSON document."""
