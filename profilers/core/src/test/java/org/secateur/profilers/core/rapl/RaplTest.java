package org.secateur.profilers.core.rapl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.profilers.core.Campaign;
import org.secateur.profilers.core.EnergyReading;
import org.secateur.profilers.core.energy.EnergySource;
import org.secateur.profilers.core.rapl.RaplZone.Kind;
import org.secateur.results.core.SecateurException;

class RaplTest {
    private static final long RANGE = PowercapTree.RANGE_MICROJOULES;
    private static final String PACKAGE = "intel-rapl:0";

    @TempDir
    Path directory;

    private PowercapTree tree;
    private final AtomicLong time = new AtomicLong();

    @BeforeEach
    void emptyTree() {
        tree = new PowercapTree(directory);
    }

    private Rapl open() {
        return Rapl.open(directory, time::get);
    }

    private SecateurException failure() {
        return catchThrowableOfType(SecateurException.class, this::open);
    }

    private void pass(double seconds) {
        time.addAndGet((long) (seconds * 1e9));
    }

    @Test
    void everyTopZoneAndEveryPartIsFoundUnderItsName() throws IOException {
        tree.zone("intel-rapl:0", "package-0-die-0", 1)
                .zone("intel-rapl:0:0", "core", 1)
                .zone("intel-rapl:0:1", "uncore", 1)
                .zone("intel-rapl:0:2", "dram", 1)
                .zone("intel-rapl:1", "package-0-die-1", 1)
                .zone("intel-rapl:1:0", "core", 1)
                .zone("intel-rapl:2", "psys", 1)
                .zone("intel-rapl-mmio:0", "package-0-die-0", 1); // the same registers once more
        Files.createDirectories(directory.resolve("intel-rapl")); // the control type itself, not a zone

        assertThat(open().counters().stream().map(RaplCounter::zone))
                .containsExactly(
                        zone("package-0-die-0", Kind.PACKAGE, "intel-rapl:0"),
                        zone("package-0-die-0.core", Kind.PART, "intel-rapl:0:0"),
                        zone("package-0-die-0.uncore", Kind.PART, "intel-rapl:0:1"),
                        zone("package-0-die-0.dram", Kind.PART, "intel-rapl:0:2"),
                        zone("package-0-die-1", Kind.PACKAGE, "intel-rapl:1"),
                        zone("package-0-die-1.core", Kind.PART, "intel-rapl:1:0"),
                        zone("psys", Kind.PLATFORM, "intel-rapl:2"));
    }

    private RaplZone zone(String name, Kind kind, String folder) {
        return new RaplZone(name, kind, directory.resolve(folder));
    }

    @Test
    void theMachinesEnergyIsThatOfItsPackagesOnly() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 1_000_000)
                .zone("intel-rapl:0:0", "dram", 0)
                .zone("intel-rapl:1", "package-1", 2_000_000)
                .zone("intel-rapl:2", "psys", 0);
        Rapl rapl = open();
        pass(1);
        tree.energy("intel-rapl:0", 31_000_000);
        tree.energy("intel-rapl:0:0", 5_000_000);
        tree.energy("intel-rapl:1", 42_000_000);
        tree.energy("intel-rapl:2", 99_000_000);

        assertThat(rapl.read()).isEqualTo(new EnergyReading(30 + 40, 1_000_000_000));
        assertThat(rapl.limitWatts()).isEqualTo(2000);
        assertThat(rapl.longestGapSeconds()).isEqualTo(rapl.counters().get(0).longestGapSeconds());
        assertThat(rapl.counters().stream().map(c -> c.read().joules())).containsExactly(30.0, 5.0, 40.0, 99.0);
    }

    @Test
    void thePackagesAreASourceForTheMeasuringOfEnergy() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 0)
                .zone("intel-rapl:1", "package-1", 0)
                .zone("intel-rapl:2", "psys", 0);
        EnergySource source = open().source();
        pass(1);
        tree.energy("intel-rapl:0", 30_000_000);
        tree.energy("intel-rapl:1", 40_000_000);

        assertThat(source.device()).isEqualTo("RAPL package-0+package-1");
        assertThat(source.counter().id()).isEqualTo("rapl");
        assertThat(source.counter().joules()).isEqualTo(70);
        assertThat(source.counter().limitWatts()).isEqualTo(2000);
        assertThat(source.counter().powerLimitWatts()).isEmpty();
        tree.write("intel-rapl:0", "constraint_0_power_limit_uw", "65000000");
        assertThat(open().powerLimitWatts()).isEmpty();
        tree.write("intel-rapl:1", "constraint_0_power_limit_uw", "75000000");
        assertThat(open().powerLimitWatts()).hasValue(140);
        assertThat(source.power()).isNull();
    }

    @Test
    void twoZonesOfOneNameAreBothCounted() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 0).zone("intel-rapl:1", "package-0", 0);

        assertThat(open().counters().stream().map(c -> c.zone().name()))
                .containsExactly("package-0", "package-0@intel-rapl:1");
    }

    private RaplCounter packageAt(long microjoules) throws IOException {
        tree.zone(PACKAGE, "package-0", microjoules);
        return open().counters().get(0);
    }

    @Test
    void aWrapAroundLosesNothing() throws IOException {
        RaplCounter counter = packageAt(RANGE - 4_000_000);
        pass(0.1);
        tree.energy(PACKAGE, 6_000_000);

        assertThat(counter.read().joules()).isEqualTo(10.0);
    }

    @Test
    void atTheVeryEdgeNothingIsLostOrAdded() throws IOException {
        RaplCounter counter = packageAt(RANGE - 1);
        pass(0.1);
        tree.energy(PACKAGE, RANGE);
        assertThat(counter.read().joules()).isEqualTo(1e-6);
        pass(0.1);
        tree.energy(PACKAGE, 0);
        assertThat(counter.read().joules()).isEqualTo(1e-6);
        pass(0.1);
        tree.energy(PACKAGE, 1);
        assertThat(counter.read().joules()).isEqualTo(2e-6);
    }

    @Test
    void anyNumberOfWrapAroundsIsFollowedWhenReadInTime() throws IOException {
        for (int seed = 0; seed < Campaign.size(1, 200); seed++) {
            RaplCounter counter = packageAt(12_345);
            Random random = new Random(seed);
            long truth = 0;
            double gap = counter.longestGapSeconds();
            while (truth < 3 * RANGE) {
                double seconds = gap * random.nextDouble();
                truth += (long) (seconds * 400e6); // at 400 W
                pass(seconds);
                tree.energy(PACKAGE, (12_345 + truth) % RANGE);
                assertThat(counter.read().joules()).as("seed %d", seed).isCloseTo(truth / 1e6, within(1e-6));
            }
        }
    }

    @Test
    void aGapThatMayHideAWrapAroundIsNoNumber() throws IOException {
        RaplCounter counter = packageAt(0);
        pass(2 * counter.longestGapSeconds() + 1);
        tree.energy(PACKAGE, 5_000_000); // 5 J, or 262 kJ more, or twice that

        assertThatThrownBy(counter::read).hasMessageContaining("wrapped more than once");
        assertThatThrownBy(counter::read).hasMessageContaining("wrapped more than once");
    }

    @Test
    void aCounterThatWasResetIsNoNumberNowOrLater() throws IOException {
        RaplCounter counter = packageAt(50_000_000_000L);
        pass(1);
        tree.energy(PACKAGE, 50_100_000_000L);
        assertThat(counter.read().joules()).isEqualTo(100.0);
        pass(1);
        tree.energy(PACKAGE, 3); // taken for a wrap-around it would be 212 kJ in a second

        assertThatThrownBy(counter::read).hasMessageContaining("it was reset").hasMessageContaining("1000 W");
        pass(1);
        tree.energy(PACKAGE, 100_000_003);
        assertThatThrownBy(counter::read).hasMessageContaining("it was reset");
    }

    @Test
    void aPowerLimitMakesTheGateTighterAndTheLongestGapLonger() throws IOException {
        tree.zone(PACKAGE, "package-0", 0);
        tree.write(PACKAGE, "constraint_0_power_limit_uw", "65000000");
        tree.write(PACKAGE, "constraint_1_power_limit_uw", "100000000");
        RaplCounter limited = open().counters().get(0);
        assertThat(limited.longestGapSeconds()).isCloseTo(262_143 / 200.0 / 2, within(1.0));
        pass(1);
        tree.energy(PACKAGE, 300_000_000);
        assertThatThrownBy(limited::read).hasMessageContaining("more than 200 W");
        assertThat(limited.powerLimitWatts()).hasValue(100);

        tree.write(PACKAGE, "constraint_0_power_limit_uw", "4095875000"); // "no limit"
        assertThat(open().counters().get(0).longestGapSeconds()).isCloseTo(262_143 / 1000.0 / 2, within(1.0));
        assertThat(open().counters().get(0).powerLimitWatts()).isEmpty();
    }

    @Test
    void aBurstBetweenTwoUpdatesPasses() throws IOException {
        RaplCounter counter = packageAt(0);
        pass(1e-6);
        tree.energy(PACKAGE, 200_000); // a millisecond at 200 W becomes visible within a microsecond

        assertThat(counter.read().joules()).isEqualTo(0.2);
    }

    @Test
    void theHardwaresUnitFollowsFromTheRange() throws IOException {
        assertThat(packageAt(0).resolutionJoules()).isCloseTo(61.035e-6, within(1e-9));
    }

    @Test
    void aReadingsTimeIsThatOfItsMiddle() throws IOException {
        tree.zone(PACKAGE, "package-0", 0);
        AtomicLong clock = new AtomicLong();
        RaplCounter counter =
                Rapl.open(directory, () -> clock.getAndAdd(1000)).counters().get(0);

        assertThat(counter.read().nanoTime()).isEqualTo(1500);
    }

    @Test
    void withoutZonesTheReasonIsThatThereAreNone() throws IOException {
        assertThat(failure().what()).contains("ENOENT");
        assertThat(failure().fix()).contains("modprobe");
        assertThat(catchThrowableOfType(
                                SecateurException.class, () -> Rapl.open(directory.resolve("absent"), time::get))
                        .what())
                .contains("ENOENT");
        tree.zone("intel-rapl:0", "psys", 1); // a platform without its packages says nothing of the processor
        assertThat(failure().what()).contains("ENOENT");
    }

    @Test
    void aCounterForRootOnlyNamesTheFix() throws IOException {
        tree.zone(PACKAGE, "package-0", 1);
        SecateurException failure = catchThrowableOfType(
                SecateurException.class,
                () -> Rapl.open(directory, time::get, file -> {
                    if (file.endsWith("energy_uj")) {
                        throw new AccessDeniedException(file.toString());
                    }
                    return Files.readString(file);
                }));

        assertThat(failure.what()).contains("EACCES");
        assertThat(failure.on()).endsWith("intel-rapl:0/energy_uj");
        assertThat(failure.fix()).isEqualTo("sudo chmod a+r " + directory + "/intel-rapl:*/energy_uj");
    }

    @Test
    void whatIsNoCounterIsNoNumber() throws IOException {
        for (String text : List.of("NaN", "", "-1", "12.5", "1e9", "99999999999999999999", "not supported")) {
            tree.zone(PACKAGE, "package-0", 1);
            tree.write(PACKAGE, "energy_uj", text);
            assertThat(failure().what()).as(text).contains("not a number: \"" + text + "\"");
        }
        tree.energy(PACKAGE, RANGE + 1);
        assertThat(failure().what()).contains("above its range");
        tree.energy(PACKAGE, 1);
        tree.write(PACKAGE, "max_energy_range_uj", "NaN");
        assertThat(failure().on()).endsWith("max_energy_range_uj");
        Files.delete(directory.resolve(PACKAGE).resolve("energy_uj"));
        tree.write(PACKAGE, "max_energy_range_uj", "1000");
        assertThat(failure().what()).contains("ENOENT");
    }

    @Test
    void aCounterThatBecomesUnreadableIsAnErrorAndGoesOnAfterwards() throws IOException {
        RaplCounter counter = packageAt(0);
        pass(1);
        tree.write(PACKAGE, "energy_uj", "NaN");
        assertThatThrownBy(counter::read).hasMessageContaining("NaN");
        pass(1);
        tree.energy(PACKAGE, 20_000_000);
        assertThat(counter.read().joules()).isEqualTo(20.0);
    }

    @Test
    void partsThatCannotBeReadAreLeftOutAndPackagesAreNot() throws IOException {
        tree.zone("intel-rapl:0", "package-0", 1)
                .zone("intel-rapl:0:0", "core", 1)
                .zone("intel-rapl:0:1", "dram", 1)
                .zone("intel-rapl:1", "psys", 1);
        Files.delete(directory.resolve("intel-rapl:0:0/energy_uj"));
        Files.delete(directory.resolve("intel-rapl:0:1/name"));
        tree.write("intel-rapl:1", "energy_uj", "NaN");
        Rapl rapl = open();

        assertThat(rapl.counters()).hasSize(1);
        assertThat(rapl.leftOut())
                .hasSize(3)
                .anyMatch(text -> text.startsWith("intel-rapl:0:0: ") && text.contains("ENOENT"))
                .anyMatch(text -> text.startsWith("intel-rapl:0:1: ") && text.contains("ENOENT"))
                .anyMatch(text -> text.startsWith("intel-rapl:1: ") && text.contains("NaN"));

        tree.zone("intel-rapl:2", "package-1", 1);
        tree.write("intel-rapl:2", "energy_uj", "NaN");
        assertThat(failure().on()).contains("intel-rapl:2");
    }
}
