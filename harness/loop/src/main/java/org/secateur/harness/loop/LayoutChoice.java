package org.secateur.harness.loop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.sampler.Sampler;
import org.secateur.profilers.core.sampler.SamplerOptions;
import org.secateur.profilers.core.sampler.Surroundings;
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
 */
public record LayoutChoice(Layout layout, By by, @Nullable Estimate ratio, double seconds) {
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
        SamplerOptions options = SamplerOptions.rough().withPairs(PAIRS, BLOCK_SECONDS);
        Estimate ratio = new Sampler(options, surroundings, Sampler.NO_ENERGY, seed)
                .compare(
                        device,
                        () -> step.apply(Layout.NCHW),
                        () -> step.apply(Layout.NHWC),
                        PairedComparison.LEAST_DELTA)
                .comparison()
                .ratio();
        double seconds = (surroundings.nanoTime().getAsLong() - start) / 1e9;
        return new LayoutChoice(ratio.value() < 1 ? Layout.NHWC : Layout.NCHW, By.MEASURED, ratio, seconds);
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
