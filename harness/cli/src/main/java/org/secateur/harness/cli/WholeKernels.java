package org.secateur.harness.cli;

import java.util.function.Supplier;
import org.secateur.models.core.graph.Network;
import org.secateur.models.libtorch.InferencePass;
import org.secateur.models.libtorch.TrainingStep;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.libtorch.LibTorch;

/** Whole steps and inferences as kernels: the trainer's own where the device has one, else their launches in turn. */
final class WholeKernels {
    private WholeKernels() {}

    /** How a whole step is measured on a device: {@code step} by the trainer, or {@code replay} of its launches. */
    static String by(Device device) {
        return device.kind().equals("cpu") ? "step" : "replay";
    }

    static Supplier<Kernel> step(Device device, Network network, int batch, long seed) {
        return by(device).equals("step")
                ? () -> new TrainingStep(LibTorch.load(), network, batch, 0, seed)
                : () -> device.open(Points.training(network, batch));
    }

    static Supplier<Kernel> inference(Device device, Network network, int batch, long seed) {
        return by(device).equals("step")
                ? () -> new InferencePass(LibTorch.load(), network, batch, seed)
                : () -> device.open(Points.inference(network, batch));
    }
}
