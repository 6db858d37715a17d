"""What to say and do: understanding, knowledge, planning, guardrails."""

import os

# numpy's linear algebra library reads this once, when it is loaded. Its threads wait for each other
# by spinning: on a busy machine of two cores that makes a message take 35 ms instead of 6.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
