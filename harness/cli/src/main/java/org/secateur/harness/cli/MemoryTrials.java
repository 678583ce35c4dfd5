package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.secateur.models.core.memory.TrainingMemory;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/**
 * The memory of training networks, predicted and measured, and whether it grows: each in a fresh JVM. Measured is the
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

    private static final TensorFormat CHANNELS_LAST = new TensorFormat(DataType.F32, Layout.NHWC);
    private static final TensorFormat BRAIN_FLOAT = new TensorFormat(DataType.BF16, Layout.NHWC);

    /**
     * Chains, residual and dense blocks, depthwise convolutions and concatenations, each large beside a JVM; after the six by
     * which the model's allowance for the allocator was chosen, others and other formats.
     */
    private static final List<Subject> SUBJECTS = List.of(
            new Subject("resnet20", 32, 128, TensorFormat.DEFAULT, true),
            new Subject("vgg11", 32, 128, TensorFormat.DEFAULT, true),
            new Subject("resnet18", 64, 32, TensorFormat.DEFAULT, true),
            new Subject("mobilenetv2", 64, 32, TensorFormat.DEFAULT, true),
            new Subject("densenet40", 32, 32, TensorFormat.DEFAULT, true),
            new Subject("squeezenet", 128, 32, TensorFormat.DEFAULT, true),
            new Subject("resnet56", 32, 64, TensorFormat.DEFAULT, false),
            new Subject("mobilenetv1", 64, 32, TensorFormat.DEFAULT, false),
            new Subject("googlenet", 64, 32, TensorFormat.DEFAULT, false),
            new Subject("resnet20", 32, 128, CHANNELS_LAST, false),
            new Subject("vgg11", 32, 128, CHANNELS_LAST, false),
            new Subject("mobilenetv2", 64, 32, CHANNELS_LAST, false));

    /** Where the processor has instructions for it, without which other code runs that takes other memory. */
    private static final List<Subject> BRAIN_FLOATS = List.of(
            new Subject("resnet20", 32, 128, BRAIN_FLOAT, false), new Subject("resnet18", 64, 32, BRAIN_FLOAT, false));

    private static final Subject GROWING = new Subject("resnet8", 32, 4, TensorFormat.DEFAULT, false);

    MemoryTrials {
        trials = List.copyOf(trials);
    }

    /**
     * What is trained.
     *
     * @param fitted whether the model was chosen by it
     */
    record Subject(String network, int side, int batch, TensorFormat format, boolean fitted) {}

    /**
     * One network.
     *
     * @param loadedBytes the resident size before training
     * @param measuredBytes what training added at its fullest
     */
    record Trial(Subject subject, TrainingMemory predicted, long loadedBytes, long measuredBytes) {
        /** Predicted / measured. */
        double ratio() {
            return (double) predicted.peak() / measuredBytes;
        }

        boolean agrees() {
            return Math.abs(ratio() - 1) <= TOLERANCE;
        }

        private String format() {
            return subject.format.layout().text() + " "
                    + subject.format.dataType().text();
        }

        String line() {
            return String.format(
                    Locale.ROOT,
                    "%s, %dx%d, batch %d, %s: predicted %.1f MB, measured %.1f MB, ratio %.3f",
                    subject.network,
                    subject.side,
                    subject.side,
                    subject.batch,
                    format(),
                    predicted.peak() / 1e6,
                    measuredBytes / 1e6,
                    ratio());
        }
    }

    /**
     * Measures; each finished trial is told in a line.
     *
     * @param brainFloat whether to measure BF16 too
     */
    static MemoryTrials measure(boolean brainFloat, Consumer<String> progress) {
        List<Trial> trials = new ArrayList<>();
        List<Subject> subjects = new ArrayList<>(SUBJECTS);
        if (brainFloat) {
            subjects.addAll(BRAIN_FLOATS);
        }
        for (Subject subject : subjects) {
            MemoryFork.Resident resident =
                    MemoryFork.measure(subject.network, subject.side, subject.batch, STEPS, subject.format);
            Trial trial = new Trial(
                    subject,
                    TrainingMemory.of(
                            MemoryFork.network(subject.network, subject.side),
                            subject.batch,
                            subject.format.dataType(),
                            subject.format.layout()),
                    resident.loaded(),
                    resident.peak() - resident.loaded());
            progress.accept(trial.line());
            trials.add(trial);
        }
        MemoryFork.Resident grown =
                MemoryFork.measure(GROWING.network, GROWING.side, GROWING.batch, GROWTH_STEPS, GROWING.format);
        return new MemoryTrials(trials, GROWTH_STEPS, grown.late() - grown.early());
    }

    /** Whether every prediction is close and nothing grows. */
    boolean agree() {
        return trials.stream().allMatch(Trial::agrees) && growthBytes <= GROWTH_BYTES;
    }

    String text() {
        Columns columns = new Columns("network", "image", "batch", "format", "predicted", "measured", "ratio", "");
        for (Trial trial : trials) {
            columns.row(
                    trial.subject.network,
                    trial.subject.side + "x" + trial.subject.side,
                    trial.subject.batch,
                    trial.format(),
                    Text.si((double) trial.predicted.peak()) + "B",
                    Text.si((double) trial.measuredBytes) + "B",
                    String.format(Locale.ROOT, "%.3f", trial.ratio()),
                    trial.subject.fitted ? "fitted" : "held out");
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
            json.put("network", trial.subject.network);
            json.put("imageSide", trial.subject.side);
            json.put("batch", trial.subject.batch);
            json.put("layout", trial.subject.format.layout().text());
            json.put("dataType", trial.subject.format.dataType().text());
            json.put("fitted", trial.subject.fitted);
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
