"""Writes the tensors of a safetensors file with torch.save: save.py IN.safetensors OUT.pth [half|bfloat16] (needs PyTorch, nothing else)."""
import collections
import json
import struct
import sys

import torch

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}

with open(sys.argv[1], "rb") as file:
    data = file.read()
length = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + length])
state = collections.OrderedDict()
for name, entry in header.items():
    if name == "__metadata__":
        continue
    begin, end = entry["data_offsets"]
    values = torch.frombuffer(bytearray(data[8 + length + begin:8 + length + end]), dtype=DTYPES[entry["dtype"]])
    tensor = values.reshape(entry["shape"])
    state[name] = tensor if len(sys.argv) < 4 else tensor.to(getattr(torch, sys.argv[3]))
if "tok_embeddings.weight" in state:
    state["output.weight"] = state["tok_embeddings.weight"]
torch.save(state, sys.argv[2])
