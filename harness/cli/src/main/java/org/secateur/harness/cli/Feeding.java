package org.secateur.harness.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.secateur.harness.loop.LayoutChoice;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.models.libtorch.FedSteps;
import org.secateur.models.libtorch.TrainingStep;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.profilers.libtorch.LibTorch;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * What data cost a training: steps fed with drawn, augmented images against as many on one batch of random images that lies
 * in libtorch's memory, in interleaved pairs.
 *
 * @param steps of each side of a pair, with its first batch, which nothing draws ahead
 */
record Feeding(Control control, String network, String data, int batch, int steps, Layout layout, AskedRatio ratio) {
    /** How much longer real data may make a step. */
    static final double MOST = 1.03;

    /** So many that the first batch, for which every epoch waits, is a small part, and a pair some seconds. */
    private static final int STEPS = 20;

    /** Measures, in the layout whose step is the faster one. */
    static Feeding measure(
            Device device, Surroundings surroundings, String name, Dataset data, int batch, int pairs, long seed) {
        LibTorch libTorch = LibTorch.load();
        Network network = Zoo.network(name, Optional.of(data.shape()), OptionalInt.of(data.classes()));
        int steps = Math.min(STEPS, Batches.training(data, batch, seed, 0).count());
        SamplerOptions options = SamplerOptions.rough();
        Control control = new Sampler(SamplerOptions.thorough(), surroundings, Sampler.NO_ENERGY, seed).control(device);
        Layout layout = LayoutChoice.measured(
                        device,
                        surroundings,
                        l -> new TrainingStep(libTorch, network, batch, 0, seed, new TensorFormat(DataType.F32, l)),
                        seed)
                .layout();
        TensorFormat format = new TensorFormat(DataType.F32, layout);
        PairedTiming timing = new Sampler(
                        options.withPairs(pairs, options.pairBlockSeconds()), surroundings, Sampler.NO_ENERGY, seed)
                .compare(
                        device,
                        () -> FedSteps.synthetic(libTorch, network, batch, steps, seed, format),
                        () -> FedSteps.real(libTorch, network, data, batch, steps, seed, format),
                        PairedComparison.LEAST_DELTA);
        return new Feeding(control, name, data.name(), batch, steps, layout, new AskedRatio(timing, MOST));
    }

    ExitCode exit() {
        return AskedRatio.exit(control, List.of(ratio));
    }

    String text() {
        return "%s on %s, batch %d, %s: %d steps on drawn images take %s of as many on one batch; at most %s: %s%n%s"
                .formatted(
                        network,
                        data,
                        batch,
                        layout.text(),
                        steps,
                        ratio.ratioText(),
                        MOST,
                        ratio.outcome(),
                        control.warning()
                                .map(warning -> "warning: " + warning + "\n")
                                .orElse(""));
    }

    Map<String, Object> json(Map<String, Object> device) {
        Map<String, Object> document =
                Json.document("bench", device, control.warning().stream().toList());
        document.put("control", CompareResult.controlJson(control));
        document.put("network", network);
        document.put("data", data);
        document.put("batch", batch);
        document.put("steps", steps);
        document.put("layout", layout.text());
        document.put("real", ratio.json());
        return document;
    }
}
