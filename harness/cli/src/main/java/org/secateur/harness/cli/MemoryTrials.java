package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.secateur.models.core.memory.TrainingMemory;

/**
 * The memory of training six networks, predicted and measured, and whether it grows: each in a fresh JVM. Measured is the
 * largest resident size of the process less its size with the libraries loaded and warm.
 *
 * @param trials of each network
 * @param growthSteps of the run that looks for growth
 * @param growthBytes of the resident size from a quarter of those steps to their end
 */
record MemoryTrials(List<Trial> trials, int growthSteps, long growthBytes) {
    /** How far a prediction may be off. */
    static final double TOLERANCE = 0.15;

    /** Enough that the allocator has seen every size more than once. */
    private static final int STEPS = 4;

    private static final int GROWTH_STEPS = 2000;
    /** What compiled Java code and a page here and there may come to. */
    static final long GROWTH_BYTES = 8L << 20;

    /** Chains, residual and dense blocks, depthwise convolutions and concatenations, each large beside a JVM. */
    private static final List<Subject> SUBJECTS = List.of(
            new Subject("resnet20", 32, 128),
            new Subject("vgg11", 32, 128),
            new Subject("resnet18", 64, 32),
            new Subject("mobilenetv2", 64, 32),
            new Subject("densenet40", 32, 32),
            new Subject("squeezenet", 128, 32));

    private static final Subject GROWING = new Subject("resnet8", 32, 4);

    MemoryTrials {
        trials = List.copyOf(trials);
    }

    private record Subject(String network, int side, int batch) {}

    /**
     * One network.
     *
     * @param side pixels of the images' sides
     * @param loadedBytes the resident size before training
     * @param measuredBytes what training added at its fullest
     */
    record Trial(String network, int side, TrainingMemory predicted, long loadedBytes, long measuredBytes) {
        /** Predicted / measured. */
        double ratio() {
            return (double) predicted.peak() / measuredBytes;
        }

        boolean agrees() {
            return Math.abs(ratio() - 1) <= TOLERANCE;
        }

        String line() {
            return String.format(
                    Locale.ROOT,
                    "%s, %dx%d, batch %d: predicted %.1f MB, measured %.1f MB, ratio %.3f",
                    network,
                    side,
                    side,
                    predicted.batch(),
                    predicted.peak() / 1e6,
                    measuredBytes / 1e6,
                    ratio());
        }
    }

    /** Measures; each finished trial is told in a line. */
    static MemoryTrials measure(Consumer<String> progress) {
        List<Trial> trials = new ArrayList<>();
        for (Subject subject : SUBJECTS) {
            MemoryFork.Resident resident = MemoryFork.measure(subject.network, subject.side, subject.batch, STEPS);
            Trial trial = new Trial(
                    subject.network,
                    subject.side,
                    TrainingMemory.of(MemoryFork.network(subject.network, subject.side), subject.batch),
                    resident.loaded(),
                    resident.peak() - resident.loaded());
            progress.accept(trial.line());
            trials.add(trial);
        }
        MemoryFork.Resident grown = MemoryFork.measure(GROWING.network, GROWING.side, GROWING.batch, GROWTH_STEPS);
        return new MemoryTrials(trials, GROWTH_STEPS, grown.late() - grown.early());
    }

    /** Whether every prediction is close and nothing grows. */
    boolean agree() {
        return trials.stream().allMatch(Trial::agrees) && growthBytes <= GROWTH_BYTES;
    }

    String text() {
        Columns columns = new Columns("network", "image", "batch", "predicted", "measured", "ratio");
        for (Trial trial : trials) {
            columns.row(
                    trial.network,
                    trial.side + "x" + trial.side,
                    trial.predicted.batch(),
                    Text.si((double) trial.predicted.peak()) + "B",
                    Text.si((double) trial.measuredBytes) + "B",
                    String.format(Locale.ROOT, "%.3f", trial.ratio()));
        }
        return columns.text()
                + "%nratio within %s of 1: %d of %d; growth of the resident size from step %d to %d: %sB%n"
                        .formatted(
                                Text.percent(TOLERANCE),
                                trials.stream().filter(Trial::agrees).count(),
                                trials.size(),
                                growthSteps / 4,
                                growthSteps,
                                Text.si((double) growthBytes));
    }

    Map<String, Object> json(Map<String, Object> device) {
        List<Map<String, Object>> networks = new ArrayList<>();
        for (Trial trial : trials) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("network", trial.network);
            json.put("imageSide", trial.side);
            json.put("batch", trial.predicted.batch());
            json.put("predictedBytes", trial.predicted.peak());
            json.put("measuredBytes", trial.measuredBytes);
            json.put("loadedBytes", trial.loadedBytes);
            json.put("ratio", trial.ratio());
            networks.add(json);
        }
        Map<String, Object> document = Json.document("bench", device, List.of());
        document.put("networks", networks);
        document.put("growthSteps", growthSteps);
        document.put("growthBytes", growthBytes);
        document.put("agree", agree());
        return document;
    }
}
