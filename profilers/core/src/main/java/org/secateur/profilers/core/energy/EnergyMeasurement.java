package org.secateur.profilers.core.energy;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/**
 * The energy of one load, with everything needed to compute it again. Where it could not be measured every quantity is
 * missing, for the reason of the fault that was met.
 *
 * @param joules of one launch, idle power included
 * @param netJoules of one launch, beyond what the device draws at idle in the same time
 * @param watts mean power
 * @param ratio of {@code joules} to those of the reference load in the same round, in which gain, temperature and ageing
 *     cancel; missing without a reference
 * @param fit the line of energy over launches
 * @param windows the raw samples, in the order measured
 * @param references the reference's windows of the same rounds, as many, or none
 * @param discarded how many rounds were rejected, by cause
 * @param absoluteError as {@link EnergySource#absoluteError()}
 */
public record EnergyMeasurement(
        Quantity joules,
        Quantity netJoules,
        Quantity watts,
        Quantity ratio,
        EnergyFit fit,
        List<EnergyWindow> windows,
        List<EnergyWindow> references,
        Map<String, Integer> discarded,
        Set<Flag> flags,
        double absoluteError) {
    private static final double CONFIDENCE = 0.95;

    /** An event clock and the host's clock that differ by more than this share disagree. */
    private static final double CLOCK_DRIFT = 200e-6;

    public EnergyMeasurement {
        windows = List.copyOf(windows);
        references = List.copyOf(references);
        discarded = Collections.unmodifiableMap(new TreeMap<>(discarded));
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
    }

    /** No number, for a reason. */
    static EnergyMeasurement missing(
            String reason, Map<String, Integer> discarded, Set<Flag> flags, double absoluteError) {
        Quantity none = Quantity.unavailable(reason);
        return new EnergyMeasurement(
                none,
                none,
                none,
                none,
                new EnergyFit(none, none, none),
                List.of(),
                List.of(),
                discarded,
                flags,
                absoluteError);
    }

    /** The statistics of at least one window; {@code found} are the flags of how it was measured. */
    static EnergyMeasurement of(
            List<EnergyWindow> windows,
            List<EnergyWindow> references,
            Map<String, Integer> discarded,
            Set<Flag> found,
            double idleWatts,
            EnergyOptions options,
            double absoluteError) {
        Estimate joules = median(
                windows.stream().mapToDouble(EnergyWindow::joulesPerLaunch).toArray());
        Estimate net = median(windows.stream()
                .mapToDouble(window -> window.netJoulesPerLaunch(idleWatts))
                .toArray());
        EnergyFit fit = EnergyFit.of(windows);
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        flags.addAll(found);
        if (joules.confidence() < CONFIDENCE || joules.relativeHalfWidth() > options.halfWidth()) {
            flags.add(Flag.ENERGY_WIDE);
        }
        if (fit.isBiased(options.interceptShare())
                || sensorsDisagree(windows, options.disagreeShare())
                || Math.abs(clockDrift(windows)) > CLOCK_DRIFT) {
            flags.add(Flag.DISAGREE);
        }
        return new EnergyMeasurement(
                Quantity.measured(joules),
                net.value() > 0
                        ? Quantity.derived(net)
                        : Quantity.unavailable("the load draws no more than the idle device's " + idleWatts + " W"),
                Quantity.measured(
                        median(windows.stream().mapToDouble(EnergyWindow::watts).toArray())),
                ratio(windows, references),
                fit,
                windows,
                references,
                discarded,
                flags,
                absoluteError);
    }

    private static Estimate median(double[] values) {
        return OrderStatistics.median(values, CONFIDENCE);
    }

    private static Quantity ratio(List<EnergyWindow> windows, List<EnergyWindow> references) {
        if (references.isEmpty()) {
            return Quantity.unavailable("measured without a reference");
        }
        double[] ratios = new double[windows.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = windows.get(i).joulesPerLaunch() / references.get(i).joulesPerLaunch();
        }
        return Quantity.derived(median(ratios));
    }

    private static boolean sensorsDisagree(List<EnergyWindow> windows, double share) {
        double[] differences = windows.stream()
                .flatMap(window -> window.integratedJoules().estimate().stream()
                        .map(integral -> integral.value() / window.joules() - 1))
                .mapToDouble(Double::doubleValue)
                .toArray();
        return differences.length > 0 && Math.abs(OrderStatistics.median(differences)) > share;
    }

    /** How much faster the device's clock runs than the host's, over all windows. */
    static double clockDrift(List<EnergyWindow> windows) {
        double device =
                windows.stream().mapToDouble(EnergyWindow::deviceSeconds).sum();
        double host = windows.stream().mapToDouble(EnergyWindow::seconds).sum();
        return device / host - 1;
    }
}
