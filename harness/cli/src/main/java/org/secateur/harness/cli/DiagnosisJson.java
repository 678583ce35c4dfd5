package org.secateur.harness.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.harness.cli.Diagnosis.FoundDevice;
import org.secateur.harness.cli.Diagnosis.FoundProbe;
import org.secateur.harness.cli.Diagnosis.FoundStore;
import org.secateur.profilers.core.noise.NoiseReport;
import org.secateur.profilers.core.probe.Probe.Status;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.store.TableJson;

/** A diagnosis as the document of {@code doctor}. */
final class DiagnosisJson {
    private DiagnosisJson() {}

    /**
     * The document.
     *
     * @param deviceId of the device that the command was asked about
     */
    static Map<String, Object> document(Diagnosis found, String deviceId) {
        FoundDevice chosen = found.devices().stream()
                .filter(d -> d.id().equals(deviceId))
                .findFirst()
                .orElseThrow();
        Map<String, Object> device = chosen.status() instanceof Status.Unavailable no
                ? Json.noDevice(deviceId, no.reason())
                : known(chosen, new LinkedHashMap<>());
        Map<String, Object> document = Json.document("doctor", device, List.of());
        document.put(
                "devices", found.devices().stream().map(DiagnosisJson::device).toList());
        document.put("probes", found.probes().stream().map(DiagnosisJson::probe).toList());
        document.put("noise", noise(found.noise()));
        document.put("host", found.host());
        Map<String, Object> threads = new LinkedHashMap<>();
        threads.put("count", found.threads().count());
        threads.put("waitPolicy", found.threads().waitPolicy());
        document.put("threads", threads);
        document.put("libraries", found.libraries());
        document.put(
                "clashes", found.clashes().stream().map(DiagnosisJson::clash).toList());
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
        json.put("resolution", probe.resolution());
        json.put("readings", probe.readings());
        json.put("facts", probe.facts());
        return json;
    }

    private static Map<String, Object> noise(NoiseReport noise) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("spread", Quantity.measured(Estimate.exact(noise.spread())));
        json.put("stealFraction", noise.stealFraction());
        json.put("foreignLoad", noise.foreignLoad());
        json.put("seconds", noise.seconds());
        return json;
    }

    private static Map<String, Object> clash(Clash clash) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("library", clash.library());
        json.put("file", clash.file().toString());
        json.put("variable", clash.variable());
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
}
