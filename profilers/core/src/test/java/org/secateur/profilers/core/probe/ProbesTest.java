package org.secateur.profilers.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.probe.Probe.Status;
import oshi.hardware.CentralProcessor.ProcessorIdentifier;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.PowerSource;

class ProbesTest {
    @TempDir
    Path empty;

    @Test
    void theClocksStepAndPriceAreSeen() {
        // A clock that shows steps of 50 ns and is read every 10 ns.
        AtomicLong time = new AtomicLong();
        ClockProbe probe = new ClockProbe(() -> time.addAndGet(10) / 50 * 50);

        assertThat(probe.status()).isEqualTo(Status.AVAILABLE);
        assertThat(probe.periodSeconds().orElseThrow()).isCloseTo(50e-9, within(1e-15));
        assertThat(probe.callSeconds().orElseThrow()).isCloseTo(10e-9, within(1e-12));
        assertThat(probe.resolution())
                .containsEntry("timeSeconds", probe.periodSeconds().orElseThrow());
        assertThat(probe.readings().get("floorSeconds")).isCloseTo(50e-6, within(1e-12));
    }

    @Test
    void aClockThatStandsStillIsUnavailable() {
        ClockProbe probe = new ClockProbe(() -> 42);

        assertThat(probe.status()).isInstanceOf(Status.Unavailable.class);
        assertThat(probe.readings()).isEmpty();
        assertThat(probe.periodSeconds()).isEmpty();
    }

    @Test
    void theHostTellsItsSizeAndNothingThatItDoesNotKnow() {
        HostProbe probe = new HostProbe(empty);

        assertThat(probe.readings()).containsKeys("logicalProcessors", "memoryBytes");
        assertThat(probe.readings()).doesNotContainKeys("stealSeconds", "involuntarySwitches");
        assertThat(probe.readings().values())
                .allSatisfy(value -> assertThat(value).isFinite().isNotNegative());
        assertThat(probe.facts()).containsKey("processor");
    }

    @Test
    void aSentinelForUnknownIsNoReading() {
        assertThat(HostProbe.known(Map.of("a", -1.0, "b", 0.0, "c", Double.NaN, "d", 2.5, "e", 1 / 0.0)))
                .isEqualTo(Map.of("d", 2.5));
    }

    @Test
    void whateverOshiDoesNotKnowIsNoReading() {
        for (double sentinel : new double[] {-1, 0, Double.NaN}) {
            HostProbe probe = new HostProbe(empty, hardware(sentinel, true));

            assertThat(probe.readings().keySet()).as("sentinel %s", sentinel).isSubsetOf("loadAverageOneMinute");
            assertThat(probe.readings().values()).allMatch(load -> load == 0);
            assertThat(probe.facts()).isEmpty();
            assertThat(probe.lastLevelCacheBytes()).isEmpty();
        }
    }

    @Test
    void aBatteryGivesPowerWhileItDischarges() {
        assertThat(new HostProbe(empty, hardware(-12_500, true)).readings())
                .containsEntry("batteryDischargeWatts", 12.5);
        assertThat(new HostProbe(empty, hardware(-12_500, false)).readings())
                .doesNotContainKey("batteryDischargeWatts");
        assertThat(new HostProbe(empty, hardware(8_000, false)).readings()).doesNotContainKey("batteryDischargeWatts");
    }

    /** A machine of which every number is the same. */
    private static HardwareAbstractionLayer hardware(double number, boolean discharging) {
        return same(HardwareAbstractionLayer.class, number, discharging);
    }

    private static <T> T same(Class<T> type, double number, boolean flag) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Class<?> result = method.getReturnType();
                    if (method.getName().equals("getPowerSources")) {
                        return List.of(same(PowerSource.class, number, flag));
                    }
                    if (result == double.class) {
                        return number;
                    }
                    if (result == long.class) {
                        return (long) number;
                    }
                    if (result == int.class) {
                        return (int) number;
                    }
                    if (result == boolean.class) {
                        return flag;
                    }
                    if (result == double[].class) {
                        return new double[] {number};
                    }
                    if (result == long[].class) {
                        return new long[] {(long) number};
                    }
                    if (result == List.class) {
                        return List.of();
                    }
                    if (result == Optional.class) {
                        return Optional.empty();
                    }
                    if (result == ProcessorIdentifier.class) {
                        return new ProcessorIdentifier("", "", "", "", "", "", true, -1L);
                    }
                    return same(result, number, flag);
                }));
    }
}
