"""What runs inside the application's image: the service of a tenant, and the job that prepares one."""
