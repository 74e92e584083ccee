import io
import zipfile

import pytest

from core.jobs.tensorboard import TensorBoardJob
from core.training.events import EpochDone
from tests.support.jobs import HandPlayedJob


@pytest.mark.keras
@pytest.mark.slow
def test_the_logs_come_as_a_zip_file_of_two_runs():
    epochs = tuple(EpochDone(number, 0.5, 0.8, 0.6, 0.7, float(number)) for number in (1, 2))
    played = HandPlayedJob(TensorBoardJob(epochs))
    played.work()
    names = zipfile.ZipFile(io.BytesIO(played.job.result)).namelist()
    assert {name.split("/")[0] for name in names} == {"train", "validation"}
