package org.secateur.profilers.core.probe;

import com.sun.jna.Native;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.secateur.profilers.core.host.HostCounters;
import org.secateur.profilers.core.host.ProcessUsage;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.ProcessorCache;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.PowerSource;

/**
 * The host: processor, caches, memory, load, clocks, temperature and battery by OSHI, steal and context switches by the
 * kernel's own files. OSHI marks what it does not know by -1, 0 or NaN; such a reading is left out.
 */
public final class HostProbe implements Probe {
    /** The kernel counts processor time in hundredths of a second (USER_HZ). */
    private static final double STEAL_STEP_SECONDS = 0.01;

    private final HardwareAbstractionLayer hardware;
    private final HostCounters counters;
    private final double callSeconds;

    /** The host with its kernel's files below {@code proc}, on a real machine {@code /proc}. */
    public HostProbe(Path proc) {
        this(proc, new SystemInfo().getHardware());
    }

    HostProbe(Path proc, HardwareAbstractionLayer hardware) {
        this.hardware = hardware;
        this.counters = new HostCounters(proc, ProcessUsage.reader());
        readings(); // the first one loads classes and caches
        long start = System.nanoTime();
        readings();
        this.callSeconds = (System.nanoTime() - start) / 1e9;
    }

    @Override
    public String id() {
        return "host";
    }

    @Override
    public Status status() {
        return Status.AVAILABLE;
    }

    @Override
    public OptionalDouble periodSeconds() {
        return OptionalDouble.empty();
    }

    @Override
    public OptionalDouble callSeconds() {
        return OptionalDouble.of(callSeconds);
    }

    @Override
    public Map<String, Double> resolution() {
        return Map.of("stealSeconds", STEAL_STEP_SECONDS);
    }

    /** The versions of the libraries that it reads by: {@code oshi} and {@code jna}. */
    public static Map<String, String> libraries() {
        Map<String, String> versions = new TreeMap<>();
        put(
                versions,
                "oshi",
                Optional.ofNullable(SystemInfo.class.getPackage().getImplementationVersion())
                        .orElse(""));
        put(versions, "jna", Native.VERSION);
        return versions;
    }

    /** {@code processor}, {@code vendor}, {@code microarchitecture}, {@code virtualization}, where known. */
    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new TreeMap<>();
        CentralProcessor.ProcessorIdentifier processor = hardware.getProcessor().getProcessorIdentifier();
        put(facts, "processor", processor.getName());
        put(facts, "vendor", processor.getVendor());
        put(facts, "microarchitecture", processor.getMicroarchitecture());
        put(facts, "virtualization", hardware.getVirtualization().orElse(""));
        return facts;
    }

    private static void put(Map<String, String> facts, String name, String value) {
        if (!value.isBlank() && !value.equalsIgnoreCase("unknown")) {
            facts.put(name, value.strip());
        }
    }

    /** The size of the last-level cache in bytes, where known: what the COLD regime must exceed. */
    public OptionalLong lastLevelCacheBytes() {
        return lastLevelCacheBytes(hardware.getProcessor());
    }

    private static OptionalLong lastLevelCacheBytes(CentralProcessor processor) {
        return processor.getProcessorCaches().stream()
                .filter(cache -> cache.getCacheSize() > 0)
                .max(Comparator.comparingInt(ProcessorCache::getLevel))
                .map(cache -> OptionalLong.of(cache.getCacheSize()))
                .orElse(OptionalLong.empty());
    }

    @Override
    public Map<String, Double> readings() {
        CentralProcessor processor = hardware.getProcessor();
        Map<String, Double> raw = new TreeMap<>();
        raw.put("logicalProcessors", (double) processor.getLogicalProcessorCount());
        raw.put("physicalProcessors", (double) processor.getPhysicalProcessorCount());
        raw.put("memoryBytes", (double) hardware.getMemory().getTotal());
        raw.put("memoryAvailableBytes", (double) hardware.getMemory().getAvailable());
        raw.put(
                "coreClockHertz",
                Arrays.stream(processor.getCurrentFreq())
                        .filter(hertz -> hertz > 0)
                        .average()
                        .orElse(-1));
        raw.put("maxClockHertz", (double) processor.getMaxFreq());
        raw.put("temperatureCelsius", hardware.getSensors().getCpuTemperature());
        raw.put("batteryDischargeWatts", dischargeWatts(hardware.getPowerSources()));
        raw.put("lastLevelCacheBytes", (double) lastLevelCacheBytes(processor).orElse(-1));
        Map<String, Double> readings = known(raw);
        double load = processor.getSystemLoadAverage(1)[0];
        if (load >= 0) { // an idle machine's load may well be 0
            readings.put("loadAverageOneMinute", load);
        }
        counters.contention().ifPresent(now -> {
            readings.put("stealSeconds", now.stealSeconds());
            readings.put("involuntarySwitches", (double) now.involuntarySwitches());
        });
        return readings;
    }

    /** What all discharging batteries give, or -1 where one does not say: OSHI's milliwatts are negative then. */
    private static double dischargeWatts(List<PowerSource> sources) {
        double[] milliwatts = sources.stream()
                .filter(PowerSource::isDischarging)
                .mapToDouble(PowerSource::getPowerUsageRate)
                .toArray();
        boolean known = milliwatts.length > 0
                && Arrays.stream(milliwatts).allMatch(rate -> rate < -1); // -1 and 0 stand for "unknown"
        return known ? -Arrays.stream(milliwatts).sum() / 1e3 : -1;
    }

    /** The readings without those that stand for "unknown" where only a positive number can be true. */
    static Map<String, Double> known(Map<String, Double> raw) {
        Map<String, Double> known = new TreeMap<>(raw);
        known.values().removeIf(value -> !(value > 0) || value.isInfinite());
        return known;
    }
}
