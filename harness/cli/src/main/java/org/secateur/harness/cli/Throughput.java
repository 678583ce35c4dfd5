package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.secateur.harness.loop.LayoutChoice;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;

/**
 * How fast whole training steps are: the engine's in NCHW and F32 against a plain loop over libtorch, and in the format that it
 * chooses against itself in NCHW and F32, each in interleaved pairs of one process.
 *
 * @param control of the machine
 */
record Throughput(Control control, List<Row> rows) {
    /** How much longer than a plain loop a step in the same format may take. */
    static final double MOST_OF_PLAIN = 1.02;
    /** A step of the chosen layout: 1.25 times as many. */
    static final double MOST_F32 = 1 / 1.25;
    /** A step in BF16 where the processor has instructions for it: 1.6 times as many. */
    static final double MOST_BF16 = 1 / 1.6;

    /** A residual network of narrow layers, a chain of wide ones, and one in between with larger images. */
    static final List<Subject> SUBJECTS =
            List.of(new Subject("resnet20", 32, 128), new Subject("vgg11", 32, 128), new Subject("resnet18", 64, 32));

    Throughput {
        rows = List.copyOf(rows);
    }

    /**
     * A network's step.
     *
     * @param side of its square images, in pixels
     * @param batch images of a step
     */
    record Subject(String network, int side, int batch) {}

    /** Opens whole steps as kernels; the caller closes them. */
    interface Steps {
        Kernel engine(Subject subject, Arithmetic arithmetic);

        Kernel plain(Subject subject);
    }

    /**
     * A network.
     *
     * @param plain the engine in NCHW and F32 against a plain loop
     * @param chosen formats against NCHW and F32
     */
    record Row(Subject subject, AskedRatio plain, List<Chosen> chosen) {
        Row {
            chosen = List.copyOf(chosen);
        }

        private Stream<AskedRatio> ratios() {
            return Stream.concat(Stream.of(plain), chosen.stream().map(Chosen::ratio));
        }
    }

    /** A format's step against one in NCHW and F32. */
    record Chosen(Arithmetic arithmetic, AskedRatio ratio) {}

    /**
     * Measures.
     *
     * @param brainFloat whether the processor has instructions for BF16, so that this is asked for too
     * @param options of each comparison
     * @param progress gets a line for people now and then
     */
    static Throughput measure(
            Device device,
            Surroundings surroundings,
            List<Subject> subjects,
            Steps steps,
            boolean brainFloat,
            SamplerOptions options,
            long seed,
            Consumer<String> progress) {
        Sampler sampler = new Sampler(options, surroundings, Sampler.NO_ENERGY, seed);
        Control control = sampler.control(device);
        control.warning().ifPresent(progress);
        List<Row> rows = new ArrayList<>();
        for (Subject subject : subjects) {
            Supplier<Kernel> own = () -> steps.engine(subject, Arithmetic.DEFAULT);
            PairedTiming plain = sampler.compare(device, () -> steps.plain(subject), own, Math.log(MOST_OF_PLAIN));
            Layout layout = LayoutChoice.measured(
                            device, surroundings, l -> steps.engine(subject, in(DataType.F32, l)), seed)
                    .layout();
            List<Arithmetic> candidates = new ArrayList<>(List.of(in(DataType.F32, layout)));
            if (brainFloat) {
                candidates.add(in(DataType.BF16, Layout.NHWC));
            }
            List<Chosen> chosen = new ArrayList<>();
            for (Arithmetic candidate : candidates) {
                PairedTiming timing =
                        sampler.compare(device, own, () -> steps.engine(subject, candidate), control.delta());
                chosen.add(new Chosen(
                        candidate,
                        new AskedRatio(timing, candidate.dataType() == DataType.F32 ? MOST_F32 : MOST_BF16)));
            }
            Row row = new Row(subject, new AskedRatio(plain, MOST_OF_PLAIN), chosen);
            rows.add(row);
            progress.accept(line(row));
        }
        return new Throughput(control, rows);
    }

    private static Arithmetic in(DataType dataType, Layout layout) {
        return new Arithmetic(dataType, MathMode.DEFAULT, layout);
    }

    private static String line(Row row) {
        StringBuilder line = new StringBuilder(row.subject().network() + ": nchw f32 / plain loop "
                + row.plain().ratioText());
        row.chosen()
                .forEach(chosen -> line.append("; ")
                        .append(format(chosen))
                        .append(" / nchw f32 ")
                        .append(chosen.ratio().ratioText()));
        return line.toString();
    }

    private static String format(Chosen chosen) {
        return chosen.arithmetic().layout().text() + " "
                + chosen.arithmetic().dataType().text();
    }

    /** The exit code under {@code --strict}. */
    ExitCode exit() {
        return AskedRatio.exit(control, rows.stream().flatMap(Row::ratios).toList());
    }

    String text() {
        Columns columns = new Columns("network", "image", "batch", "step in", "against", "ratio", "at most", "outcome");
        for (Row row : rows) {
            add(columns, row.subject(), "nchw f32", "plain loop", row.plain());
            row.chosen().forEach(chosen -> add(columns, row.subject(), format(chosen), "nchw f32", chosen.ratio()));
        }
        return columns.text()
                + control.warning().map(warning -> "warning: " + warning + "\n").orElse("");
    }

    private static void add(Columns columns, Subject subject, String candidate, String baseline, AskedRatio ratio) {
        columns.row(
                subject.network(),
                subject.side() + "x" + subject.side(),
                subject.batch(),
                candidate,
                baseline,
                ratio.ratioText(),
                String.format(Locale.ROOT, "%.3f", ratio.most()),
                ratio.outcome());
    }

    Map<String, Object> json(Map<String, Object> device) {
        Map<String, Object> document =
                Json.document("bench", device, control.warning().stream().toList());
        document.put("control", CompareResult.controlJson(control));
        List<Map<String, Object>> networks = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("network", row.subject().network());
            json.put("imageSide", row.subject().side());
            json.put("batch", row.subject().batch());
            json.put("plain", row.plain().json());
            json.put("chosen", row.chosen().stream().map(Throughput::chosen).toList());
            networks.add(json);
        }
        document.put("networks", networks);
        return document;
    }

    private static Map<String, Object> chosen(Chosen chosen) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("arithmetic", chosen.arithmetic().json());
        json.putAll(chosen.ratio().json());
        return json;
    }
}
