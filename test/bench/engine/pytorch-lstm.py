"""PyTorch's side of the engine's benchmark: reads a case a line, answers milliseconds; one thread."""
import json
import sys
import time

import torch

torch.set_num_threads(1)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(1, 32, batch_first=True)
        self.head = torch.nn.Linear(32, 3)

    def forward(self, x):
        return torch.relu(self.head(self.lstm(x)[0][:, -1]))


network = Network()
optimizer = torch.optim.Adam(network.parameters(), lr=1e-5)
data = {}


def inputs(batch, steps):
    if (batch, steps) not in data:
        data[batch, steps] = torch.rand(batch, steps, 1), torch.rand(batch, 3)
    return data[batch, steps]


def forward(batch, steps, times):
    x, _ = inputs(batch, steps)
    with torch.inference_mode():
        start = time.perf_counter()
        for _ in range(times):
            network(x)
        return time.perf_counter() - start


def train(batch, steps, times):
    x, y = inputs(batch, steps)
    start = time.perf_counter()
    for _ in range(times):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(x), y).backward()
        optimizer.step()
    return time.perf_counter() - start


print(json.dumps({"torch": torch.__version__, "cpu": torch.backends.cpu.get_cpu_capability()}), flush=True)
for line in sys.stdin:
    what, batch, steps, times = json.loads(line)
    seconds = (train if what == "train" else forward)(batch, steps, times)
    print(json.dumps(seconds * 1000 / times), flush=True)
