import json
from look import D,show
