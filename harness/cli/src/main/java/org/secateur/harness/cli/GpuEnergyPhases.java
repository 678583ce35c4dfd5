package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.secateur.profilers.core.Kernel;
import org.secateur.profilers.core.energy.EnergyMeasurement;
import org.secateur.profilers.core.energy.EnergyMeter;
import org.secateur.profilers.core.energy.EnergyOptions;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.energy.EnergyWindow;
import org.secateur.profilers.core.energy.Load;
import org.secateur.profilers.core.energy.MeteredDevice;
import org.secateur.profilers.core.energy.SensorCalibration;
import org.secateur.profilers.core.energy.SensorCalibrator;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.OrderStatistics;

/** The phases that ask for the sensors of energy, whether twice the work takes twice of it, and how it grows with width. */
final class GpuEnergyPhases {
    private static final String CALIBRATION = "calibration";
    private static final double CONFIDENCE = 0.95;

    /** What a calibration takes; without one nothing here begins, so that all phases here ask for as much. */
    static final double CALIBRATION_SECONDS = 50;

    /** Seconds of a measurement beside its windows, and of each of six windows with rest and lead-in. */
    private static final double GATE_SECONDS = 5;

    private static final double TRIAL_SECONDS = 12;

    /** A measurement of one window. */
    static final double ONE_SECONDS = GATE_SECONDS + TRIAL_SECONDS;

    /** Three windows have three lengths; six admit an interval. */
    private static final int FEW_TRIALS = 3;

    private static final int TRIALS = 6;

    private static final Extent ONE = Extent.of(1);

    /**
     * Loads for the calibration: they wait for memory, so that they draw much power and yet seldom as much as the board's
     * limit, which lowers its clocks and leaves no number. The next one is for where it does.
     */
    private static final List<Operation> LOADS = List.of(
            new Convolution(32, 64, 56, 56, 64, 1, 1, ONE, Extent.of(0), ONE, 1),
            new Activation(32, 64, 56, 56, ActivationKind.RELU));

    /** So long a load runs before it is known whether it is too much for the board. */
    private static final double TRY_SECONDS = 2;

    /** Output channels whose energy is measured, the ends first, and those whose energy is told from them. */
    private static final List<Integer> ANCHORS = List.of(16, 256, 136);

    private static final List<Integer> HELD_OUT = List.of(72, 200);

    private final GpuBench bench;

    GpuEnergyPhases(GpuBench bench) {
        this.bench = bench;
    }

    private static Operation wide(int k) {
        return new Convolution(32, 64, 56, 56, k, 3, 3, ONE, ONE, ONE, 1);
    }

    private Load load(MeteredDevice device, Kernel kernel) {
        return device.load(kernel, bench.time(), bench.device().secondsPerLaunch(kernel, bench.launches(kernel)));
    }

    /** What the counter and the power sensor are like. */
    GpuFindings calibration(Countdown time) {
        MeteredDevice device = bench.metered();
        GpuFindings found = new GpuFindings();
        List<String> failed = new ArrayList<>();
        for (Operation operation : LOADS) {
            WorkloadKey key = GpuBench.hot(operation);
            EnergySource source = device.energySource();
            try (Kernel kernel = device.open(key);
                    Load load = load(device, kernel)) {
                Conditions before = device.conditions();
                load.run(TRY_SECONDS);
                load.finish();
                if (device.conditions().throttledSince(before)) {
                    failed.add(key.workload().text() + ": it lowers the board's clocks");
                    continue;
                }
                double start = bench.time().seconds();
                SensorCalibration calibrated =
                        new SensorCalibrator(source, EnergyOptions.standard(), bench.time()).calibrate(load);
                found.put("seconds", bench.time().seconds() - start);
                found.put("workload", key.workload().text());
                found.put("readings", calibrated.readings());
                return found.put("failed", failed);
            } catch (SecateurException e) {
                failed.add(key.workload().text() + ": " + e.what());
            }
            if (!time.has(CALIBRATION_SECONDS)) {
                break;
            }
        }
        throw new SecateurException(
                ExitCode.FAILED,
                "the sensors could not be calibrated: " + String.join("; ", failed),
                bench.device().id(),
                "check an idle board");
    }

    /** The calibration as it was found, and the load it was found with. */
    private SensorCalibration calibrated(EnergySource source) {
        Map<String, Object> found = bench.folder().findings(CALIBRATION);
        if (!(found.get("readings") instanceof Map<?, ?> stored)) {
            throw new SecateurException(
                    ExitCode.FAILED,
                    "the sensors were not calibrated",
                    bench.device().id(),
                    "see phase " + CALIBRATION);
        }
        Map<String, Double> readings = new TreeMap<>();
        stored.forEach((name, value) -> {
            if (value instanceof Number number) {
                readings.put(String.valueOf(name), number.doubleValue());
            }
        });
        return SensorCalibration.of(source.device(), readings);
    }

    private EnergyMeasurement measured(MeteredDevice device, WorkloadKey key, EnergyOptions options) {
        return measured(device, () -> device.open(key), options);
    }

    /**
     * The energy of a kernel that is opened for it.
     *
     * @throws SecateurException when the sensors were not calibrated
     */
    EnergyMeasurement measured(MeteredDevice device, Supplier<Kernel> opened, EnergyOptions options) {
        EnergySource source = device.energySource();
        SensorCalibration calibration = calibrated(source);
        try (Kernel kernel = opened.get();
                Load load = load(device, kernel)) {
            return new EnergyMeter(source, calibration, options, bench.time(), bench.seed()).measure(load);
        }
    }

    /** Whether twice the launches take twice the energy, and counter and integrated power agree. */
    GpuFindings control(Countdown time) {
        MeteredDevice device = bench.metered();
        int trials = time.has(GATE_SECONDS + TRIALS * TRIAL_SECONDS) ? TRIALS : FEW_TRIALS;
        WorkloadKey key = GpuBench.hot(LOADS.get(0));
        EnergyMeasurement measured =
                measured(device, key, EnergyOptions.standard().withTrials(trials));
        List<EnergyWindow> windows = measured.windows();
        GpuFindings found = new GpuFindings()
                .put("workload", key.workload().text())
                .put("joules", measured.joules())
                .put("netJoules", measured.netJoules())
                .put("watts", measured.watts())
                .put("interceptJoules", measured.fit().intercept())
                .put("discarded", measured.discarded())
                .put("flags", measured.flags().stream().sorted().toList())
                .put("energyRatioOfTwice", ratioOfTwice(measured))
                .put("integralOverCounter", integralOverCounter(measured))
                .samples("launches", numbers(windows, EnergyWindow::launches))
                .samples("joules", numbers(windows, EnergyWindow::joules))
                .samples("seconds", numbers(windows, EnergyWindow::seconds));
        return trials == TRIALS ? found : found.incomplete();
    }

    private static double[] numbers(List<EnergyWindow> windows, ToDoubleFunction<EnergyWindow> number) {
        return windows.stream().mapToDouble(number).toArray();
    }

    private static Quantity ratioOfTwice(EnergyMeasurement measured) {
        if (measured.joules() instanceof Quantity.Missing missing) {
            return missing;
        }
        List<EnergyWindow> windows = measured.windows();
        double shortest =
                windows.stream().mapToDouble(EnergyWindow::seconds).min().orElseThrow();
        double[] ratios = windows.stream()
                .filter(w -> w.seconds() < 1.25 * shortest)
                .flatMapToDouble(once -> windows.stream()
                        .filter(w -> w.seconds() > 1.75 * shortest)
                        .mapToDouble(twice -> 2 * twice.joulesPerLaunch() / once.joulesPerLaunch()))
                .toArray();
        return ratios.length == 0
                ? Quantity.unavailable("no window was twice as long as another")
                : Quantity.derived(OrderStatistics.median(ratios, CONFIDENCE));
    }

    private static Quantity integralOverCounter(EnergyMeasurement measured) {
        double[] ratios = measured.windows().stream()
                .flatMap(w -> w.integratedJoules().estimate().stream().map(e -> e.value() / w.joules()))
                .mapToDouble(Double::doubleValue)
                .toArray();
        return ratios.length == 0
                ? Quantity.unavailable("there is no integrated power")
                : Quantity.derived(OrderStatistics.median(ratios, CONFIDENCE));
    }

    /** One width's time, power and energy. */
    private record Anchor(int k, double seconds, double watts, double joules) {
        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("k", k);
            json.put("seconds", seconds);
            json.put("watts", watts);
            json.put("joules", joules);
            return json;
        }
    }

    /** How well energy is told from power at few widths, times the seconds of another. */
    GpuFindings anchors(Countdown time) {
        MeteredDevice device = bench.metered();
        GpuFindings found = new GpuFindings();
        NavigableMap<Integer, Anchor> anchors = new TreeMap<>();
        List<Object> heldOut = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<Integer> widths = new ArrayList<>(ANCHORS);
        widths.addAll(HELD_OUT);
        for (int k : widths) {
            if (!time.has(ONE_SECONDS)) {
                found.incomplete();
                break;
            }
            WorkloadKey key = GpuBench.hot(wide(k));
            EnergyMeasurement measured = measured(device, key, EnergyOptions.quick());
            if (measured.joules() instanceof Quantity.Known joules) {
                EnergyWindow window = measured.windows().get(0);
                Anchor anchor = new Anchor(
                        k,
                        window.secondsPerLaunch(),
                        window.watts(),
                        joules.number().value());
                if (HELD_OUT.contains(k)) {
                    heldOut.add(heldOut(anchor, anchors));
                } else {
                    anchors.put(k, anchor);
                }
            } else {
                missing.add("k=" + k + ": " + measured.joules().provenance());
            }
        }
        return found.put(
                        "workload",
                        GpuBench.hot(wide(ANCHORS.get(0))).workload().text())
                .put("anchors", anchors.values().stream().map(Anchor::json).toList())
                .put("heldOut", heldOut)
                .put("missing", missing);
    }

    private static Map<String, Object> heldOut(Anchor measured, NavigableMap<Integer, Anchor> anchors) {
        Map<String, Object> json = measured.json();
        Map.Entry<Integer, Anchor> below = anchors.floorEntry(measured.k());
        Map.Entry<Integer, Anchor> above = anchors.ceilingEntry(measured.k());
        if (below == null || above == null) {
            Quantity none = Quantity.unavailable("an anchor beside it has no energy");
            json.put("predictedJoules", none);
            json.put("relativeError", none);
            return json;
        }
        double share = (double) (measured.k() - below.getKey()) / (above.getKey() - below.getKey());
        double watts = (1 - share) * below.getValue().watts()
                + share * above.getValue().watts();
        double joules = watts * measured.seconds();
        json.put("predictedJoules", Quantity.derived(Estimate.exact(joules)));
        json.put("relativeError", Quantity.derived(Estimate.exact(joules / measured.joules() - 1)));
        return json;
    }
}
