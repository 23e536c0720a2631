"""What the models have and the migrations lack: found, asked about, written as a revision and tried out."""
