"""The job as a plain loop of aiokafka with SQLAlchemy."""
