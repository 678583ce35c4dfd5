"""Writes src/test/resources/.../exported: small networks as PyTorch's own exporters write them, and what PyTorch computes.

python export.py DIRECTORY    with torch, onnx and onnxscript installed; seeded, but the files depend on their versions
"""

import math
import pathlib
import sys

import onnx
import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    """A basic block; where it narrows the image its shortcut is zero-filled (option A)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.pad = (outputs - inputs) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.pad:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return self.relu(y + x)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(4, 4, 1), Block(4, 8, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.layer1(F.relu(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class Mobile(nn.Module):
    """Pads, depthwise convolutions, ReLU6, concatenation, pools that round up."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.ZeroPad2d(1),
            nn.Conv2d(3, 6, 3, 2, bias=False),
            nn.BatchNorm2d(6, eps=1e-3),
            nn.ReLU6(),
            nn.Sequential(nn.Conv2d(6, 6, 3, 1, 1, groups=6, bias=False), nn.BatchNorm2d(6), nn.ReLU6()),
        )
        self.left = nn.Conv2d(6, 4, 1)
        self.right = nn.Conv2d(6, 4, (3, 1), padding=(1, 0), dilation=1)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(8, 5, bias=False)

    def forward(self, x):
        x = self.features(x)
        x = self.pool(torch.cat([F.relu(self.left(x)), self.right(x)], 1))
        return self.classifier(self.dropout(x.mean([2, 3])))


class Plain(nn.Module):
    """Numbered layers as VGG has them, an adaptive pool to the size that is there, a softmax."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2), nn.AvgPool2d(3, 2), nn.Hardtanh(0, 6)
        )
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(nn.Linear(16, 6), nn.ReLU(True), nn.Dropout(), nn.Linear(6, 5))

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(x.view(x.size(0), -1)).softmax(1)

    def logits(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def trained(model):
    """Numbers that no initialisation would give, so that nothing is folded away or shared."""
    with torch.no_grad():
        for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
            if tensor.dtype.is_floating_point:
                if name.endswith("running_var") or tensor.dim() == 1 and name.endswith("weight"):
                    tensor.uniform_(0.5, 1.0)
                elif tensor.dim() == 1:
                    tensor.uniform_(-0.3, 0.3)
                else:
                    tensor.uniform_(-1, 1).mul_(math.sqrt(6 / tensor[0].numel()))
    return model.eval()


def newer(model, images, file, **more):
    """The newer exporter's file, without the source lines that it notes for every node."""
    torch.onnx.export(model, (images,), str(file), dynamo=True, external_data=False, **more)
    written = onnx.load(file)
    for node in written.graph.node:
        del node.metadata_props[:]
    onnx.save(written, file)


def main(directory):
    directory.mkdir(parents=True, exist_ok=True)
    for model in (Residual(), Mobile(), Plain()):
        torch.manual_seed(1)
        name = type(model).__name__.lower()
        trained(model)
        image = torch.tensor([math.sin(i) for i in range(3 * 10 * 10)]).reshape(1, 3, 10, 10)
        with torch.no_grad():
            logits = getattr(model, "logits", model)(image)
        (directory / f"{name}.txt").write_text("\n".join(repr(v) for v in logits[0].tolist()) + "\n")
        for opset in (11, 13, 17):
            torch.onnx.export(model, (image,), str(directory / f"{name}-{opset}.onnx"), opset_version=opset, dynamo=False)
        torch.onnx.export(
            model,
            (image,),
            str(directory / f"{name}-preserved.onnx"),
            opset_version=17,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            dynamo=False,
        )
        torch.onnx.export(
            model,
            (image,),
            str(directory / f"{name}-open.onnx"),
            input_names=["images"],
            dynamic_axes={"images": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        newer(model, image, directory / f"{name}-dynamo.onnx")
        newer(
            model,
            torch.cat([image, image]),
            directory / f"{name}-dynamo-open.onnx",
            dynamic_shapes=({0: torch.export.Dim("batch")},),
        )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
