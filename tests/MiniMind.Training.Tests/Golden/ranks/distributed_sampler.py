"""Writes distributed_sampler.tsv: the indices of each rank as torch.utils.data.DistributedSampler(shuffle=False) gives them, by the rule of its source
(torch/utils/data/distributed.py of PyTorch 2.x), with examples for 5 sizes, 3 worlds and both values of drop_last. Uses torch itself where it is installed."""
import math

try:
    from torch.utils.data import DistributedSampler
except ImportError:
    DistributedSampler = None


def by_rule(size, world, rank, drop_last):
    """num_samples and total_size as in __init__, padding or cutting and the stride as in __iter__."""
    per_rank = math.ceil((size - world) / world) if drop_last and size % world != 0 else math.ceil(size / world)
    total = per_rank * world
    indices = list(range(size))
    if drop_last:
        indices = indices[:total]
    else:
        padding = total - size
        indices += indices[:padding] if padding <= size else (indices * math.ceil(padding / size))[:padding]
    assert len(indices) == total
    return indices[rank:total:world]


with open("distributed_sampler.tsv", "w", newline="\n") as out:
    out.write("size\tworld\tdrop_last\trank\tindices\n")
    for size in (5, 7, 16, 30, 33):
        for world in (2, 3, 4):
            for drop_last in (False, True):
                for rank in range(world):
                    indices = by_rule(size, world, rank, drop_last)
                    if DistributedSampler is not None:
                        assert indices == list(DistributedSampler(range(size), world, rank, shuffle=False, drop_last=drop_last))
                    out.write(f"{size}\t{world}\t{drop_last}\t{rank}\t{' '.join(map(str, indices))}\n")
