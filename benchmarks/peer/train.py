"""A training step of the same model in plain PyTorch, to compare with. Prints figures as the benchmarks beside it do.

Full rows of random ids, every token supervised:  python3 train.py --layers 2 --batch 2 --seq 512
The rows of a file, padded to the maximum as the reference pads:  python3 train.py --rows rows.jsonl --batch 8 --seq 512
"""
import argparse
import json
import math
import resource
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(dim)), eps

    def forward(self, x):
        return self.weight * (x.float() * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)).type_as(x)


def rotate(x, factors):
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * factors).flatten(3).type_as(x)


class Attention(nn.Module):
    def __init__(self, dim, heads, kv_heads):
        super().__init__()
        self.head, self.repeats = dim // heads, heads // kv_heads
        self.wq = nn.Linear(dim, dim, bias=False)
        self.wk = nn.Linear(dim, kv_heads * self.head, bias=False)
        self.wv = nn.Linear(dim, kv_heads * self.head, bias=False)
        self.wo = nn.Linear(dim, dim, bias=False)

    def forward(self, x, factors):
        B, T, C = x.shape
        q, k, v = (w(x).view(B, T, -1, self.head) for w in (self.wq, self.wk, self.wv))
        q, k = rotate(q, factors), rotate(k, factors)
        k, v = (y.repeat_interleave(self.repeats, 2) for y in (k, v))
        y = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_causal=True)
        return self.wo(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, dim, heads, kv_heads, hidden):
        super().__init__()
        self.attention_norm, self.ffn_norm = RMSNorm(dim), RMSNorm(dim)
        self.attention = Attention(dim, heads, kv_heads)
        self.w1, self.w3 = nn.Linear(dim, hidden, bias=False), nn.Linear(dim, hidden, bias=False)
        self.w2 = nn.Linear(hidden, dim, bias=False)

    def forward(self, x, factors):
        x = x + self.attention(self.attention_norm(x), factors)
        y = self.ffn_norm(x)
        return x + self.w2(F.silu(self.w1(y)) * self.w3(y))


class Model(nn.Module):
    def __init__(self, dim, layers, vocab, seq, heads=8, kv_heads=2):
        super().__init__()
        hidden = 64 * ((int(2 * 4 * dim / 3) + 63) // 64)
        self.embedding = nn.Embedding(vocab, dim)
        self.blocks = nn.ModuleList(Block(dim, heads, kv_heads, hidden) for _ in range(layers))
        self.norm = RMSNorm(dim)
        frequencies = 1.0 / (1e6 ** (torch.arange(0, dim // heads, 2).float() / (dim // heads)))
        angles = torch.outer(torch.arange(seq).float(), frequencies)
        self.register_buffer("factors", torch.polar(torch.ones_like(angles), angles), persistent=False)

    def forward(self, ids):
        x, factors = self.embedding(ids), self.factors[: ids.shape[1]].view(1, ids.shape[1], 1, -1)
        for block in self.blocks:
            x = block(x, factors)
        return F.linear(self.norm(x), self.embedding.weight)


def batches(options):
    if not options.rows:
        generator = torch.Generator().manual_seed(1)
        while True:
            ids = torch.randint(0, options.vocab, (options.batch, options.seq + 1), generator=generator)
            yield ids[:, :-1], ids[:, 1:], torch.ones(options.batch, options.seq)
    rows = [json.loads(line) for line in open(options.rows)]
    for start in range(0, len(rows), options.batch):
        part, length = rows[start : start + options.batch], options.seq - 1
        tensors = [torch.zeros(len(part), length, dtype=torch.long) for _ in range(3)]
        for i, row in enumerate(part):
            for tensor, name in zip(tensors, ("ids", "labels", "mask")):
                tensor[i, : len(row[name])] = torch.tensor(row[name])
        yield tensors[0], tensors[1], tensors[2].float()


def main():
    parser = argparse.ArgumentParser()
    for name, default in dict(dim=512, layers=2, batch=2, seq=512, vocab=6400, threads=2, steps=20, warmup=3).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rows")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--attention", choices=["fused", "plain"], default="fused")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    if options.attention == "plain":
        torch.backends.cuda.enable_flash_sdp(False)
    model = Model(options.dim, options.layers, options.vocab, options.seq)
    with torch.no_grad():
        model.embedding.weight.uniform_(-1 / math.sqrt(options.dim), 1 / math.sqrt(options.dim))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, fused=True)
    seconds, tokens, supervised = [], [], []
    for step, (ids, labels, mask) in zip(range(options.warmup + options.steps), batches(options)):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            losses = F.cross_entropy(model(ids).flatten(0, 1).float(), labels.flatten(), reduction="none")
        loss = (losses * mask.flatten()).sum() / mask.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        last = loss.item()
        if step >= options.warmup:
            seconds.append(time.perf_counter() - start)
            tokens.append(ids.numel())
            supervised.append(int(mask.sum()))
    print(f"tokens_per_second={tokens[0] / statistics.median(seconds)}")
    print(f"supervised_tokens_per_second={sum(supervised) / sum(seconds)}")
    print(f"peak_memory_mib={resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}")
    print(f"loss_last={last}")


main()
