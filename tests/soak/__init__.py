"""The long test: hours of real time, days of simulated time, every fault, and a report with pictures."""
