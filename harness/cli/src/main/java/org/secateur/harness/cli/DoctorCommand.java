package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.secateur.harness.cli.Diagnosis.FoundDevice;
import org.secateur.harness.cli.Diagnosis.FoundProbe;
import org.secateur.harness.cli.Diagnosis.FoundStore;
import org.secateur.profilers.core.noise.Fitness;
import org.secateur.profilers.core.noise.NoiseCheck;
import org.secateur.profilers.core.noise.NoiseReport;
import org.secateur.profilers.core.probe.Probe.Status;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.TableJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether and what this machine can measure. */
@Command(
        name = "doctor",
        description = "What can be measured here, what cannot and why, and how noisy this machine is.",
        footer = {"", "Examples:", "  secateur doctor", "  secateur doctor --seconds 3 --strict --json"})
final class DoctorCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long to listen for noise (default: ${DEFAULT-VALUE}).")
    private double seconds = NoiseCheck.DEFAULT_SECONDS;

    @Option(names = "--strict", description = "Exit with 3 when the machine is unfit.")
    private boolean strict;

    DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException("--seconds " + seconds + ": expected above 0, up to 3600");
        }
        if (seconds > 2) {
            session.console().note("secateur: listening for noise for " + Progress.duration(seconds) + " ...");
        }
        Diagnosis found = new Examination(session).examine(common.device, common.storePath(session), seconds);
        session.console().result(common.json ? Json.write(json(found)) : text(found));
        return (strict && found.verdict() == Fitness.UNFIT ? ExitCode.ENVIRONMENT : ExitCode.DONE).code();
    }

    private Map<String, Object> json(Diagnosis found) {
        FoundDevice chosen = found.devices().stream()
                .filter(d -> d.id().equals(common.device))
                .findFirst()
                .orElseThrow();
        Map<String, Object> device = chosen.status() instanceof Status.Unavailable no
                ? Json.noDevice(common.device, no.reason())
                : known(chosen, new LinkedHashMap<>());
        Map<String, Object> document = Json.document("doctor", device, List.of());
        document.put(
                "devices", found.devices().stream().map(DoctorCommand::device).toList());
        document.put("probes", found.probes().stream().map(DoctorCommand::probe).toList());
        NoiseReport noise = found.noise();
        Map<String, Object> noiseJson = new LinkedHashMap<>();
        noiseJson.put("spread", Quantity.measured(Estimate.exact(noise.spread())));
        noiseJson.put("stealFraction", noise.stealFraction());
        noiseJson.put("foreignLoad", noise.foreignLoad());
        noiseJson.put("seconds", noise.seconds());
        document.put("noise", noiseJson);
        document.put("host", found.host());
        Map<String, Object> threads = new LinkedHashMap<>();
        threads.put("count", found.threads().count());
        threads.put("waitPolicy", found.threads().waitPolicy());
        document.put("threads", threads);
        document.put("store", store(found.store()));
        document.put("verdict", found.verdict());
        document.put("reasons", found.reasons());
        return document;
    }

    private static Map<String, Object> device(FoundDevice device) {
        Map<String, Object> json = known(device, new LinkedHashMap<>());
        status(json, device.status());
        return json;
    }

    private static Map<String, Object> known(FoundDevice device, Map<String, Object> json) {
        json.put("id", device.id());
        device.fingerprint().ifPresent(fingerprint -> json.put("name", device.name()));
        json.put("kind", device.kind());
        device.fingerprint().ifPresent(fingerprint -> json.put("fingerprint", TableJson.fingerprint(fingerprint)));
        return json;
    }

    private static Map<String, Object> probe(FoundProbe probe) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", probe.id());
        status(json, probe.status());
        json.put("periodSeconds", probe.periodSeconds());
        json.put("callSeconds", probe.callSeconds());
        return json;
    }

    private static Map<String, Object> store(FoundStore store) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", store.path());
        json.put("exists", store.exists());
        status(json, store.status());
        json.put("tables", store.tables());
        json.put("measurements", store.measurements());
        json.put("freeBytes", store.freeBytes());
        return json;
    }

    private static void status(Map<String, Object> json, Status status) {
        switch (status) {
            case Status.Available a -> {
                json.put("status", "AVAILABLE");
                json.put("reason", "");
                json.put("fix", "");
            }
            case Status.Unavailable u -> {
                json.put("status", "UNAVAILABLE");
                json.put("reason", u.reason());
                json.put("fix", u.fix());
            }
        }
    }

    private static String text(Diagnosis found) {
        List<String> lines = new ArrayList<>();
        lines.add(found.verdict() + ": "
                + switch (found.verdict()) {
                    case GOOD -> "this machine is fit to be measured on";
                    case CARE -> "measuring works, but takes longer and is less certain";
                    case UNFIT -> "numbers measured here would not be worth much";
                });
        found.reasons().forEach(reason -> lines.add("  - " + reason));
        lines.add("host     " + String.join(", ", found.host().values()));
        for (FoundDevice device : found.devices()) {
            lines.add(labelled("device", device.id(), device.status(), device(device.name(), device)));
        }
        for (FoundProbe probe : found.probes()) {
            if (probe.id().equals("cuda") || probe.id().equals("libtorch")) {
                continue; // the devices' lines say it
            }
            lines.add(labelled("probe", probe.id(), probe.status(), rates(probe)));
        }
        NoiseReport noise = found.noise();
        lines.add("noise    equal work spreads by " + Text.percent(noise.spread()) + ", stolen "
                + share(noise.stealFraction()) + ", used by others " + share(noise.foreignLoad()) + ", over "
                + Text.seconds(noise.seconds()));
        lines.add("threads  " + found.threads().count() + ", OpenMP wait policy "
                + found.threads().waitPolicy());
        FoundStore store = found.store();
        String free = store.freeBytes()
                .estimate()
                .map(e -> Text.si(e.value()) + "B free")
                .orElse("free space unknown");
        String content = !store.exists()
                ? "not there yet"
                : store.tables() + " tables, " + store.measurements() + " measurements";
        lines.add(labelled("store", store.path(), store.status(), content) + ", " + free);
        return String.join("\n", lines);
    }

    private static String device(String name, FoundDevice device) {
        String libraries = device.fingerprint()
                .map(f -> f.identity().containsKey("libtorch")
                        ? ", libtorch " + f.identity().get("libtorch") + ", "
                                + f.identity().getOrDefault("instructionSet", "")
                        : "")
                .orElse("");
        return name + libraries;
    }

    private static String rates(FoundProbe probe) {
        String period = probe.periodSeconds()
                .estimate()
                .map(e -> ", every " + Text.seconds(e.value()))
                .orElse("");
        String call = probe.callSeconds()
                .estimate()
                .map(e -> ", a reading takes " + Text.seconds(e.value()))
                .orElse("");
        return "available" + period + call;
    }

    private static String share(Quantity share) {
        return share.estimate().map(e -> Text.percent(e.value())).orElse("unknown");
    }

    private static String labelled(String label, String id, Status status, String available) {
        return switch (status) {
            case Status.Available a -> "%-8s %s: %s".formatted(label, id, available);
            case Status.Unavailable u -> "%-8s %s: unavailable: %s; %s".formatted(label, id, u.reason(), u.fix());
        };
    }
}
