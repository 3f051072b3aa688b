"""The platform in one process, with everything going wrong that can: crashes, lost answers, throttling, races."""
