"""Times convolutions under PyTorch, one at a time as asked for.

Arguments: the device's name, for example cuda:0, and the convolutions as a JSON list of
[n, c, h, w, k, r, s, stride, stride, padding, padding, dilation, dilation, groups].
Prints "ready VERSIONS" or "unavailable REASON"; then, for each line with a place in the list, the
seconds of one launch, from a CUDA graph of launches between two events, or "failed REASON".
"""
import json
import sys

try:
    import torch

    device = torch.device(sys.argv[1])
    torch.zeros(1, device=device)
except Exception as e:
    print("unavailable " + " ".join(str(e).split()), flush=True)
    sys.exit(0)

SECONDS = 0.005
torch.backends.cudnn.benchmark = True
torch.manual_seed(1)
shapes = json.loads(sys.argv[2])
graphs = {}


def seconds(run, launches):
    start = torch.cuda.Event(enable_timing=True)
    end = torch.cuda.Event(enable_timing=True)
    run()  # the events follow work that is queued
    start.record()
    run()
    run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000 / 2 / launches


def prepare(n, c, h, w, k, r, s, sh, sw, ph, pw, dh, dw, groups):
    last = torch.channels_last
    x = torch.randn(n, c, h, w, device=device, dtype=torch.half).to(memory_format=last)
    convolution = torch.nn.Conv2d(c, k, (r, s), (sh, sw), (ph, pw), (dh, dw), groups, bias=False)
    convolution = convolution.to(device=device, dtype=torch.half, memory_format=last)

    def launch():
        convolution(x)

    side = torch.cuda.Stream(device)
    side.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(side):
        for _ in range(5):
            launch()
        side.synchronize()
        one = max(seconds(launch, 1), 1e-6)
    torch.cuda.current_stream(device).wait_stream(side)
    launches = max(1, min(1000, round(SECONDS / one)))
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(launches):
            launch()
    return graph, launches


with torch.no_grad(), torch.cuda.device(device):
    print("ready torch %s cudnn %s" % (torch.__version__, torch.backends.cudnn.version()), flush=True)
    for line in sys.stdin:
        place = int(line)
        try:
            if place not in graphs:
                graphs[place] = prepare(*shapes[place])
            graph, launches = graphs[place]
            print(repr(seconds(graph.replay, launches)), flush=True)
        except Exception as e:
            print("failed " + " ".join(str(e).split()), flush=True)
