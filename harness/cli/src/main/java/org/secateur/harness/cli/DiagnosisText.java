package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.secateur.harness.cli.Diagnosis.FoundDevice;
import org.secateur.harness.cli.Diagnosis.FoundProbe;
import org.secateur.harness.cli.Diagnosis.FoundStore;
import org.secateur.profilers.core.noise.NoiseReport;
import org.secateur.profilers.core.probe.Probe.Status;
import org.secateur.results.core.Quantity;

/** A diagnosis on one screen: the verdict and its reasons first, then a line for each thing that was looked at. */
final class DiagnosisText {
    private final List<String> lines = new ArrayList<>();

    private DiagnosisText() {}

    static String of(Diagnosis found) {
        DiagnosisText text = new DiagnosisText();
        text.verdict(found);
        text.host(found);
        found.devices().forEach(device -> text.add("device", device.id(), device.status(), describe(device)));
        found.probes().forEach(text::probe);
        text.noise(found.noise());
        text.add(
                "threads",
                found.threads().count() + ", OpenMP wait policy "
                        + found.threads().waitPolicy());
        text.libraries(found);
        text.store(found.store());
        return String.join("\n", text.lines);
    }

    private void verdict(Diagnosis found) {
        lines.add(found.verdict() + ": "
                + switch (found.verdict()) {
                    case GOOD -> "this machine is fit to be measured on";
                    case CARE -> "measuring works, but takes longer and is less certain";
                    case UNFIT -> "numbers measured here would not be worth much";
                });
        found.reasons().forEach(reason -> lines.add("  - " + reason));
    }

    private void host(Diagnosis found) {
        add("host", String.join(", ", found.host().values()));
        for (FoundProbe probe : found.probes()) {
            if (probe.id().equals("host")) {
                add("now", now(probe.readings()));
            }
        }
    }

    private static String now(Map<String, Double> readings) {
        List<String> parts = new ArrayList<>();
        reading(readings, "logicalProcessors").ifPresent(n -> parts.add(Text.si(n) + " processors"));
        reading(readings, "loadAverageOneMinute").ifPresent(load -> parts.add("load " + Text.si(load)));
        reading(readings, "coreClockHertz").ifPresent(hertz -> parts.add(Text.si(hertz) + "Hz"));
        parts.add(reading(readings, "temperatureCelsius")
                .map(degrees -> Text.si(degrees) + " C")
                .orElse("temperature unknown"));
        reading(readings, "batteryDischargeWatts")
                .ifPresent(watts -> parts.add(Text.si(watts) + " W from the battery"));
        reading(readings, "memoryAvailableBytes")
                .ifPresent(bytes -> parts.add(Text.si(bytes) + "B of memory available"));
        return String.join(", ", parts);
    }

    private static Optional<Double> reading(Map<String, Double> readings, String name) {
        return Optional.ofNullable(readings.get(name));
    }

    private static String describe(FoundDevice device) {
        String libraries = device.fingerprint()
                .map(f -> f.identity().containsKey("libtorch")
                        ? ", libtorch " + f.identity().get("libtorch") + ", "
                                + f.identity().getOrDefault("instructionSet", "")
                        : "")
                .orElse("");
        return device.name() + libraries;
    }

    private void probe(FoundProbe probe) {
        if (probe.id().equals("cuda") || probe.id().equals("libtorch")) {
            return; // the devices' lines say it
        }
        StringBuilder text = new StringBuilder("available");
        probe.periodSeconds().estimate().ifPresent(e -> text.append(", every ").append(Text.seconds(e.value())));
        reading(probe.resolution(), "energyJoules")
                .ifPresent(joules -> text.append(", in steps of ").append(Text.small(joules, "J")));
        probe.callSeconds()
                .estimate()
                .ifPresent(e -> text.append(", a reading takes ").append(Text.seconds(e.value())));
        reading(probe.readings(), "floorSeconds")
                .ifPresent(floor -> text.append(", times above ")
                        .append(Text.seconds(floor))
                        .append(" are within 0.1 %"));
        add("probe", probe.id(), probe.status(), text.toString());
        probe.facts().forEach((name, fact) -> {
            if (name.startsWith("gpu") || name.equals("leftOut")) {
                add("", name + ": " + fact);
            }
        });
    }

    private void noise(NoiseReport noise) {
        add(
                "noise",
                "equal work spreads by " + Text.percent(noise.spread()) + ", stolen " + share(noise.stealFraction())
                        + ", used by others " + share(noise.foreignLoad()) + ", over "
                        + Text.seconds(noise.seconds()));
    }

    private void libraries(Diagnosis found) {
        String versions = found.libraries().entrySet().stream()
                .map(library -> library.getKey() + " " + library.getValue())
                .collect(Collectors.joining(", "));
        add("libraries", versions + (found.clashes().isEmpty() ? "; none clashes" : "; others clash, see above"));
    }

    private void store(FoundStore store) {
        String free = store.freeBytes()
                .estimate()
                .map(e -> Text.si(e.value()) + "B free")
                .orElse("free space unknown");
        String content = !store.exists()
                ? "not there yet"
                : store.tables() + " tables, " + store.measurements() + " measurements";
        add("store", store.path() + ": " + state(store.status(), content) + ", " + free);
    }

    private static String share(Quantity share) {
        return share.estimate().map(e -> Text.percent(e.value())).orElse("unknown");
    }

    private void add(String label, String id, Status status, String available) {
        add(label, id + ": " + state(status, available));
    }

    private void add(String label, String text) {
        lines.add("%-9s %s".formatted(label, text));
    }

    private static String state(Status status, String available) {
        return switch (status) {
            case Status.Available a -> available;
            case Status.Unavailable u -> "unavailable: " + u.reason() + "; " + u.fix();
        };
    }
}
