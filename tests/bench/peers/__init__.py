"""The same job, written for other frameworks as those who use them would: one folder for each, and the job in `job`."""
