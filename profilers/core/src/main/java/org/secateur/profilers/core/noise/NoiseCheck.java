package org.secateur.profilers.core.noise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.statistics.descriptive.Quantile;
import org.secateur.profilers.core.host.Contention;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * Finds out how noisy a machine is: repeats a constant piece of work for some seconds in blocks of 10 ms, and looks at
 * how their medians spread and at what others took meanwhile.
 */
public final class NoiseCheck {
    /** What {@code doctor} spends on it. */
    public static final double DEFAULT_SECONDS = 10;

    private static final int SAMPLES = 10;
    private static final double SAMPLE_SECONDS = 1e-3;
    private static final double MOST_WARM_UP_SECONDS = 0.5;

    private final Surroundings surroundings;
    private final NoiseLimits limits;
    private final Runnable work;

    /** A check by pure arithmetic on one thread. */
    public NoiseCheck(Surroundings surroundings, NoiseLimits limits) {
        this(surroundings, limits, new Spin());
    }

    /** A check by other work, which must cost the same each time and much less than a millisecond. */
    public NoiseCheck(Surroundings surroundings, NoiseLimits limits, Runnable work) {
        this.surroundings = surroundings;
        this.limits = limits;
        this.work = work;
    }

    /** Checks for so many seconds, which must be positive. Always measures one block at least. */
    public NoiseReport check(double seconds) {
        if (!(seconds > 0)) {
            throw new IllegalArgumentException("check of " + seconds + " s: must be positive");
        }
        int repeats = repeats(Math.min(MOST_WARM_UP_SECONDS, seconds / 10));
        List<Double> medians = new ArrayList<>();
        Optional<Contention> earlier = surroundings.contention().get();
        double start = now();
        while (medians.isEmpty() || now() - start < seconds) {
            medians.add(block(repeats));
        }
        double elapsed = now() - start;
        Optional<Contention> later = surroundings.contention().get();
        Quantity steal = Quantity.unavailable("the kernel's counters of processor time cannot be read");
        Quantity foreign = steal;
        if (earlier.isPresent() && later.isPresent()) {
            steal = Quantity.measured(Estimate.exact(later.get().stealFraction(earlier.get(), elapsed)));
            foreign = Quantity.measured(Estimate.exact(later.get().foreignLoad(earlier.get(), elapsed)));
        }
        return report(spread(medians), steal, foreign, elapsed);
    }

    /** Warms the work up and returns how often it fits into a sample. */
    private int repeats(double warmUpSeconds) {
        double start = now();
        long runs = 0;
        double elapsed;
        do {
            work.run();
            runs++;
            elapsed = now() - start;
        } while (elapsed < warmUpSeconds);
        return (int) Math.max(1, Math.ceil(SAMPLE_SECONDS * runs / elapsed));
    }

    private double block(int repeats) {
        double[] samples = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            double start = now();
            for (int j = 0; j < repeats; j++) {
                work.run();
            }
            samples[i] = now() - start;
        }
        return OrderStatistics.median(samples);
    }

    private static double spread(List<Double> medians) {
        double[] values = medians.stream().mapToDouble(Double::doubleValue).toArray();
        double[] quantiles = Quantile.withDefaults().evaluate(values, 0.05, 0.95);
        return (quantiles[1] - quantiles[0]) / OrderStatistics.median(values);
    }

    private NoiseReport report(double spread, Quantity steal, Quantity foreign, double seconds) {
        List<String> reasons = new ArrayList<>();
        Fitness verdict =
                judge("blocks of equal work spread by", spread, limits.goodSpread(), limits.unfitSpread(), reasons);
        verdict = worse(verdict, judge("the hypervisor took", steal, limits.goodSteal(), limits.unfitSteal(), reasons));
        verdict = worse(
                verdict, judge("other processes used", foreign, limits.goodForeign(), limits.unfitForeign(), reasons));
        return new NoiseReport(spread, steal, foreign, seconds, verdict, reasons);
    }

    private static Fitness judge(String what, Quantity share, double good, double unfit, List<String> reasons) {
        return switch (share) {
            case Quantity.Known known -> judge(what, known.number().value(), good, unfit, reasons);
            case Quantity.Missing missing -> {
                if (!reasons.contains(missing.reason())) {
                    reasons.add(missing.reason());
                }
                yield Fitness.CARE;
            }
        };
    }

    private static Fitness judge(String what, double share, double good, double unfit, List<String> reasons) {
        if (share <= good) {
            return Fitness.GOOD;
        }
        reasons.add(String.format(
                Locale.ROOT,
                "%s %.1f %% (good up to %.0f %%, unfit above %.0f %%)",
                what,
                share * 100,
                good * 100,
                unfit * 100));
        return share <= unfit ? Fitness.CARE : Fitness.UNFIT;
    }

    private static Fitness worse(Fitness a, Fitness b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private double now() {
        return surroundings.nanoTime().getAsLong() / 1e9;
    }
}
