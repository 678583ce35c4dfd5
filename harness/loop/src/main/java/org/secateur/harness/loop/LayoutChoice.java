package org.secateur.harness.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.DataType;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Layout;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.PairedComparison;

/**
 * The layout in which a run computes, and how it was come to. It belongs into the run's directory: a run that is continued in
 * another layout would round otherwise.
 *
 * @param ratio of a training step in NHWC to one in NCHW, below 1 where NHWC is faster; null where it was not measured
 * @param seconds that measuring it took
 * @param type the data type, where that was to be chosen as well; null where it was named
 */
public record LayoutChoice(
        Layout layout,
        By by,
        @Nullable Estimate ratio,
        double seconds,
        @Nullable Type type) {
    /**
     * A data type that was chosen.
     *
     * @param ratio of a training step in BF16 to one in F32, below 1 where BF16 is faster; null where the processor has no instructions
     *     for it
     * @param seconds that measuring it took
     */
    public record Type(DataType dataType, @Nullable Estimate ratio, double seconds) {
        public Type {
            Objects.requireNonNull(dataType, "dataType");
        }

        /** The choice with its reason, for people. */
        public String text() {
            return ratio == null
                    ? dataType.text() + ": the processor has no instructions for bf16"
                    : String.format(
                            Locale.ROOT,
                            "%s: a step in bf16 takes %.2f [%.2f, %.2f] of one in f32",
                            dataType.text(),
                            ratio.value(),
                            ratio.low(),
                            ratio.high());
        }
    }

    /** Who chose. */
    public enum By {
        /** The user. */
        OPTION,
        /** The run whose plans are done again. */
        PLAN,
        /** The device, which trains in one layout only. */
        DEVICE,
        /** The ratio of both. */
        MEASURED
    }

    /** The fewest pairs with an interval: two layouts that it cannot tell apart are as good as each other. */
    private static final int PAIRS = 6;

    private static final double BLOCK_SECONDS = 0.02;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    public LayoutChoice {
        Objects.requireNonNull(layout, "layout");
        Objects.requireNonNull(by, "by");
    }

    /** A layout of a data type that was named. */
    public LayoutChoice(Layout layout, By by, @Nullable Estimate ratio, double seconds) {
        this(layout, by, ratio, seconds, null);
    }

    /** A layout that nobody measured. */
    public static LayoutChoice named(Layout layout, By by) {
        return new LayoutChoice(layout, by, null, 0);
    }

    /**
     * The faster layout, by pairs of training steps next to each other, so that drift of the machine cancels.
     *
     * @param step a training step in a layout; closed here
     */
    public static LayoutChoice measured(
            Device device, Surroundings surroundings, Function<Layout, Kernel> step, long seed) {
        long start = surroundings.nanoTime().getAsLong();
        Estimate ratio =
                ratio(device, surroundings, () -> step.apply(Layout.NCHW), () -> step.apply(Layout.NHWC), seed);
        double seconds = (surroundings.nanoTime().getAsLong() - start) / 1e9;
        return new LayoutChoice(ratio.value() < 1 ? Layout.NHWC : Layout.NCHW, By.MEASURED, ratio, seconds);
    }

    /**
     * The same with a data type: BF16 where the processor computes in it and all of the ratio's interval is below 1, since
     * other numbers come of it; else F32. A layout that nobody named becomes NHWC with BF16.
     *
     * @param hasBrainFloat whether the processor has instructions for BF16
     * @param step a training step in a layout and a type; closed here
     */
    public LayoutChoice withFasterType(
            Device device,
            Surroundings surroundings,
            boolean hasBrainFloat,
            BiFunction<Layout, DataType, Kernel> step,
            long seed) {
        if (!hasBrainFloat) {
            return new LayoutChoice(layout, by, ratio, seconds, new Type(DataType.F32, null, 0));
        }
        long start = surroundings.nanoTime().getAsLong();
        Layout other = by == By.MEASURED ? Layout.NHWC : layout;
        Estimate of = ratio(
                device,
                surroundings,
                () -> step.apply(layout, DataType.F32),
                () -> step.apply(other, DataType.BF16),
                seed);
        double spent = (surroundings.nanoTime().getAsLong() - start) / 1e9;
        boolean faster = of.high() < 1;
        return new LayoutChoice(
                faster ? other : layout,
                by,
                ratio,
                seconds,
                new Type(faster ? DataType.BF16 : DataType.F32, of, spent));
    }

    private static Estimate ratio(
            Device device,
            Surroundings surroundings,
            Supplier<Kernel> baseline,
            Supplier<Kernel> candidate,
            long seed) {
        SamplerOptions options = SamplerOptions.rough().withPairs(PAIRS, BLOCK_SECONDS);
        return new Sampler(options, surroundings, Sampler.NO_ENERGY, seed)
                .compare(device, baseline, candidate, PairedComparison.LEAST_DELTA)
                .comparison()
                .ratio();
    }

    /** What measuring the layout and the type took. */
    double choosingSeconds() {
        return seconds + (type == null ? 0 : type.seconds());
    }

    /** Writes the choice, whole or not at all. */
    public void write(Path file) {
        WholeJson.write(this, file, "the layout");
    }

    /**
     * Reads the choice of an earlier process.
     *
     * @throws SecateurException when the file holds none
     */
    public static LayoutChoice read(Path file) {
        try {
            return MAPPER.readValue(Files.readAllBytes(file), LayoutChoice.class);
        } catch (JsonProcessingException e) {
            throw refusal(file, "the file holds no layout of a run: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw refusal(file, "the run's layout cannot be read", e);
        }
    }

    private static SecateurException refusal(Path file, String what, IOException cause) {
        return new SecateurException(ExitCode.BAD_INPUT, what, file.toString(), "start again with --fresh", cause);
    }
}
