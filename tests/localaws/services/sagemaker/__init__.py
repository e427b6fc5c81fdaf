"""SageMaker training jobs that train.

moto accepts ``CreateTrainingJob`` without a look at it and calls the job completed. Here the request is checked,
and a thread takes the job through its statuses: with the execution role's credentials it reads the channels, runs a
stand-in for BlazingText in a process of its own and uploads ``model.tar.gz``.
"""

from __future__ import annotations

from localaws.services.sagemaker import api
from localaws.services.sagemaker.faults import TrainingFaults, training_faults

__all__ = ["TrainingFaults", "api", "training_faults"]
