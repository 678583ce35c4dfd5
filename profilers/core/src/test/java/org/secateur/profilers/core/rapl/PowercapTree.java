package org.secateur.profilers.core.rapl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A powercap tree in a folder, with the files of the kernel's. */
public record PowercapTree(Path directory) {
    /** The range of the counters of many Intel processors. */
    public static final long RANGE_MICROJOULES = 262_143_328_850L;

    /** Adds a zone. */
    public PowercapTree zone(String folder, String name, long microjoules) throws IOException {
        Path zone = Files.createDirectories(directory.resolve(folder));
        Files.writeString(zone.resolve("name"), name + "\n");
        write(folder, "max_energy_range_uj", Long.toString(RANGE_MICROJOULES));
        energy(folder, microjoules);
        return this;
    }

    /** Sets a zone's counter. */
    public void energy(String folder, long microjoules) throws IOException {
        write(folder, "energy_uj", Long.toString(microjoules));
    }

    /** Writes any file of a zone. */
    public void write(String folder, String file, String text) throws IOException {
        Files.writeString(directory.resolve(folder).resolve(file), text + "\n");
    }
}
