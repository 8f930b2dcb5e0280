"""What every room needs and none owns: files put in place whole, array types by name, small statistics."""

import os

if "PHOTOSENSE_FAULTS" in os.environ:  # a test of what is left when a step fails; else nothing of it is even imported
    from common.faults import arm_by_environment

    arm_by_environment()
