"""What the tests let workers do; a module of its own, since a worker must import it."""

import os
import signal
import time

from mmgsf.datasets.preparation.media import Outcome


def double(number):
    return 2 * number


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def hang():
    time.sleep(100)


def give_up(connection):
    connection.close()


def look(path, log):
    with open(log, 'a') as file:
        file.write(f'{os.path.basename(path)}\n')
    return Outcome(frames=os.path.getsize(path), width=4, height=3)


def make(path, target):
    with open(target, 'w') as file:
        file.write('made')
    return Outcome(frames=1)
