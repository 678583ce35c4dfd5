package org.secateur.profilers.core;

import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.secateur.results.core.SecateurException;

/**
 * A device backend, registered through {@link ServiceLoader}, so that an installation has the backends whose modules it
 * contains. Finding a provider loads no native code; opening a device does.
 */
public interface DeviceProvider {
    /** What comes before the colon of its devices' ids, for example {@code cpu} or {@code cuda}. */
    String prefix();

    /**
     * Opens a device; the caller closes it.
     *
     * @param id the device's id, whose prefix is this provider's
     * @throws IllegalArgumentException when the id is malformed
     * @throws SecateurException when the device is not to be had here
     */
    Device open(String id);

    /**
     * Opens a device of any registered backend.
     *
     * @throws SecateurException when no backend of this installation has such devices
     */
    static Device openDevice(String id) {
        String prefix = id.contains(":") ? id.substring(0, id.indexOf(':')) : id;
        List<DeviceProvider> providers = ServiceLoader.load(DeviceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        TreeSet<String> present = new TreeSet<>();
        for (DeviceProvider provider : providers) {
            present.add(provider.prefix());
            if (provider.prefix().equals(prefix)) {
                return provider.open(id);
            }
        }
        throw SecateurException.environment(
                "this installation has no backend for the device",
                id,
                present.isEmpty() ? "use an installation that includes one" : "choose one of " + present);
    }
}
