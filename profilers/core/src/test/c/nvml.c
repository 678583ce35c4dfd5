/*
 * A stand-in for NVIDIA's management library, for machines without a GPU: it tests the calls, not the driver.
 *
 * Its answers are the lines "key value" of the file that SECATEUR_STANDIN_NVML names, else of the file beside the
 * library whose name ends in ".txt" after the library's own. The file is read at every call, so that a test changes the
 * world by writing it. What has no line is NOT_SUPPORTED.
 *
 *   driver, nvml                 versions
 *   count N                      devices, at most 8; the keys of device I begin with "I."
 *   I.name, I.uuid, I.pci        texts; pci as domain:bus:device.function
 *   I.energy START STEP CALLS    millijoules; STEP is added every CALLS readings
 *   I.watts IDLE BUSY TICK CALL  beside it, the power of the driver's stand-in without and with work: its energy is
 *                                added every TICK seconds of its clock, and a reading takes CALL seconds of it
 *   I.limit, I.temperature       milliwatts, degrees Celsius
 *   I.clock.TYPE                 megahertz, by nvmlClockType_t
 *   I.field.ID TYPE VALUE MORE   a field, by nvmlValueType_t; MORE is added for each second of the driver's stand-in
 *   I.samples STAMP:VALUE ...    power samples, microseconds and milliwatts (unsigned int)
 *   I.processes PID:BYTES ...    compute processes; BYTES may be "none"
 *   fail.FUNCTION CODE           the function returns CODE, for every device; I.fail.FUNCTION for one of them
 *   I.fail.field.ID CODE         the field's own return code
 *
 * standin_live() tells how many initialisations have not been shut down.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY __attribute__((visibility("default")))
#define MOST_DEVICES 8

enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };

typedef struct {
    unsigned long long energy_readings, millijoules;
    long long ticks;
} device_t;

typedef struct {
    char busIdLegacy[16];
    unsigned int domain, bus, device, pciDeviceId, pciSubSystemId;
    char busId[32];
} pci_info_t;

typedef union {
    double d;
    unsigned int u;
    unsigned long long ull;
    long long sll;
    int i;
    unsigned short us;
} value_t;

typedef struct {
    unsigned int fieldId, scopeId;
    long long timestamp, latencyUsec;
    int valueType, nvmlReturn;
    value_t value;
} field_t;

typedef struct {
    unsigned long long timeStamp;
    value_t sampleValue;
} sample_t;

typedef struct {
    unsigned int pid;
    unsigned long long usedGpuMemory;
    unsigned int gpuInstanceId, computeInstanceId;
} process_t;

_Static_assert(sizeof(pci_info_t) == 68, "nvmlPciInfo_t");
_Static_assert(sizeof(field_t) == 40, "nvmlFieldValue_t");
_Static_assert(sizeof(sample_t) == 16, "nvmlSample_t");
_Static_assert(sizeof(process_t) == 24, "nvmlProcessInfo_t");

static int live;
static device_t devices[MOST_DEVICES];

LIBRARY int standin_live(void) { return live; }

/* The value of a key; 0 when it has no line. */
static int look_up(const char *key, char *value, size_t size) {
    char path[4096];
    const char *named = getenv("SECATEUR_STANDIN_NVML");
    Dl_info self;
    if (named != NULL) {
        snprintf(path, sizeof path, "%s", named);
    } else if (dladdr((void *)&devices, &self) != 0) {
        snprintf(path, sizeof path, "%s.txt", self.dli_fname);
    } else {
        return 0;
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0;
    }
    static char line[1 << 16];
    size_t length = strlen(key);
    int found = 0;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, key, length) == 0 && line[length] == ' ') {
            const char *text = line + length + 1;
            size_t characters = strcspn(text, "\n");
            characters = characters < size ? characters : size - 1;
            memcpy(value, text, characters);
            value[characters] = '\0';
            found = 1;
        }
    }
    fclose(file);
    return found;
}

static int number(const char *key, long long *value) {
    char text[64];
    if (!look_up(key, text, sizeof text)) {
        return 0;
    }
    *value = strtoll(text, NULL, 10);
    return 1;
}

static int device_count(void) {
    long long count = 0;
    number("count", &count);
    return count > MOST_DEVICES ? MOST_DEVICES : (int)count;
}

/* The code that the file wants a function to return. */
static int fault(const char *function) {
    char key[128];
    long long code = SUCCESS;
    snprintf(key, sizeof key, "fail.%s", function);
    number(key, &code);
    return (int)code;
}

/* What a function of the library returns before it looks at a device. */
static int enter(const char *function) {
    int code = fault(function);
    return code != SUCCESS ? code : live == 0 ? UNINITIALIZED : SUCCESS;
}

static int index_of(const device_t *device) { return (int)(device - devices); }

static int device_text(const device_t *device, const char *key, char *value, size_t size) {
    char full[256];
    snprintf(full, sizeof full, "%d.%s", index_of(device), key);
    return look_up(full, value, size);
}

/* The same for a function of a device. */
static int enter_device(const char *function, const device_t *device) {
    int code = enter(function);
    if (code != SUCCESS) {
        return code;
    }
    if (device < devices || index_of(device) >= device_count()) {
        return INVALID_ARGUMENT;
    }
    char key[128], text[64];
    snprintf(key, sizeof key, "fail.%s", function);
    return device_text(device, key, text, sizeof text) ? atoi(text) : SUCCESS;
}

static int put_text(const char *text, char *to, unsigned int size) {
    if (strlen(text) >= size) {
        return INSUFFICIENT_SIZE;
    }
    strcpy(to, text);
    return SUCCESS;
}

static int put_device_text(const device_t *device, const char *key, char *to, unsigned int size) {
    char text[256];
    return device_text(device, key, text, sizeof text) ? put_text(text, to, size) : NOT_SUPPORTED;
}

static int put_unsigned(const device_t *device, const char *key, unsigned int *to) {
    char text[64];
    if (!device_text(device, key, text, sizeof text)) {
        return NOT_SUPPORTED;
    }
    *to = (unsigned int)strtoul(text, NULL, 10);
    return SUCCESS;
}

/* --- the library */

LIBRARY int nvmlInit_v2(void) {
    int code = fault("nvmlInit_v2");
    live += code == SUCCESS;
    return code;
}

LIBRARY int nvmlShutdown(void) {
    if (live == 0) {
        return UNINITIALIZED;
    }
    live--;
    return SUCCESS;
}

LIBRARY int nvmlSystemGetDriverVersion(char *version, unsigned int length) {
    char text[128];
    int code = enter("nvmlSystemGetDriverVersion");
    return code != SUCCESS                          ? code
           : look_up("driver", text, sizeof text)   ? put_text(text, version, length)
                                                    : NOT_SUPPORTED;
}

LIBRARY int nvmlSystemGetNVMLVersion(char *version, unsigned int length) {
    char text[128];
    int code = enter("nvmlSystemGetNVMLVersion");
    return code != SUCCESS                        ? code
           : look_up("nvml", text, sizeof text)   ? put_text(text, version, length)
                                                  : NOT_SUPPORTED;
}

LIBRARY int nvmlDeviceGetCount_v2(unsigned int *count) {
    int code = enter("nvmlDeviceGetCount_v2");
    *count = (unsigned int)device_count();
    return code;
}

/* --- handles */

LIBRARY int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device_t **device) {
    int code = enter("nvmlDeviceGetHandleByIndex_v2");
    if (code != SUCCESS) {
        return code;
    }
    if (index >= (unsigned int)device_count()) {
        return INVALID_ARGUMENT;
    }
    *device = &devices[index];
    return enter_device("nvmlDeviceGetHandleByIndex_v2", *device);
}

static int parse_pci(const char *text, unsigned int id[4]) {
    return sscanf(text, "%x:%x:%x.%x", &id[0], &id[1], &id[2], &id[3]) == 4;
}

LIBRARY int nvmlDeviceGetHandleByPciBusId_v2(const char *wanted, device_t **device) {
    unsigned int want[4], have[4];
    char text[64];
    int code = enter("nvmlDeviceGetHandleByPciBusId_v2");
    if (code != SUCCESS) {
        return code;
    }
    if (!parse_pci(wanted, want)) {
        return INVALID_ARGUMENT;
    }
    for (int i = 0; i < device_count(); i++) {
        if (device_text(&devices[i], "pci", text, sizeof text) && parse_pci(text, have)
            && memcmp(want, have, sizeof want) == 0) {
            *device = &devices[i];
            return enter_device("nvmlDeviceGetHandleByPciBusId_v2", *device);
        }
    }
    return NOT_FOUND;
}

LIBRARY int nvmlDeviceGetHandleByUUID(const char *wanted, device_t **device) {
    char text[128];
    int code = enter("nvmlDeviceGetHandleByUUID");
    if (code != SUCCESS) {
        return code;
    }
    for (int i = 0; i < device_count(); i++) {
        if (device_text(&devices[i], "uuid", text, sizeof text) && strcmp(text, wanted) == 0) {
            *device = &devices[i];
            return enter_device("nvmlDeviceGetHandleByUUID", *device);
        }
    }
    return NOT_FOUND;
}

/* --- what a device is */

LIBRARY int nvmlDeviceGetIndex(device_t *device, unsigned int *index) {
    int code = enter_device("nvmlDeviceGetIndex", device);
    if (code == SUCCESS) {
        *index = (unsigned int)index_of(device);
    }
    return code;
}

LIBRARY int nvmlDeviceGetName(device_t *device, char *name, unsigned int length) {
    int code = enter_device("nvmlDeviceGetName", device);
    return code != SUCCESS ? code : put_device_text(device, "name", name, length);
}

LIBRARY int nvmlDeviceGetUUID(device_t *device, char *uuid, unsigned int length) {
    int code = enter_device("nvmlDeviceGetUUID", device);
    return code != SUCCESS ? code : put_device_text(device, "uuid", uuid, length);
}

LIBRARY int nvmlDeviceGetPciInfo_v3(device_t *device, pci_info_t *info) {
    int code = enter_device("nvmlDeviceGetPciInfo_v3", device);
    unsigned int id[4];
    if (code != SUCCESS) {
        return code;
    }
    memset(info, 0x7f, sizeof *info); /* whoever reads past the end of the id sees it */
    code = put_device_text(device, "pci", info->busId, sizeof info->busId);
    if (code == SUCCESS && parse_pci(info->busId, id)) {
        info->domain = id[0];
        info->bus = id[1];
        info->device = id[2];
    }
    return code;
}

/* --- readings */

/* Calls a function of the driver's stand-in, where that is loaded. */
static double driver_number(const char *function, long long argument) {
    double number = 0;
    void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
    void *found = driver != NULL ? dlsym(driver, function) : NULL;
    if (found != NULL && strcmp(function, "standin_worked") == 0) {
        number = ((double (*)(void))found)();
    } else if (found != NULL) {
        number = 1e-9 * (double)((long long (*)(long long))found)(argument);
    }
    if (driver != NULL) {
        dlclose(driver);
    }
    return number;
}

static unsigned long long counted(device_t *device) {
    char text[128];
    double idle, busy, tick, call;
    if (!device_text(device, "watts", text, sizeof text)
        || sscanf(text, "%lf %lf %lf %lf", &idle, &busy, &tick, &call) != 4) {
        return 0;
    }
    double seconds = driver_number("standin_nanoseconds", (long long)(1e9 * call));
    long long ticks = (long long)(seconds / tick);
    if (ticks != device->ticks) {
        device->ticks = ticks;
        device->millijoules =
            (unsigned long long)(1e3 * (idle * seconds + (busy - idle) * driver_number("standin_worked", 0)));
    }
    return device->millijoules;
}

LIBRARY int nvmlDeviceGetTotalEnergyConsumption(device_t *device, unsigned long long *millijoules) {
    char text[128];
    unsigned long long start, step = 0, calls = 1;
    int code = enter_device("nvmlDeviceGetTotalEnergyConsumption", device);
    if (code != SUCCESS) {
        return code;
    }
    if (!device_text(device, "energy", text, sizeof text)
        || sscanf(text, "%llu %llu %llu", &start, &step, &calls) < 1) {
        return NOT_SUPPORTED;
    }
    *millijoules = start + device->energy_readings++ / calls * step + counted(device);
    return SUCCESS;
}

LIBRARY int nvmlDeviceGetEnforcedPowerLimit(device_t *device, unsigned int *milliwatts) {
    int code = enter_device("nvmlDeviceGetEnforcedPowerLimit", device);
    return code != SUCCESS ? code : put_unsigned(device, "limit", milliwatts);
}

LIBRARY int nvmlDeviceGetTemperature(device_t *device, int sensor, unsigned int *degrees) {
    int code = enter_device("nvmlDeviceGetTemperature", device);
    return code != SUCCESS ? code : sensor != 0 ? INVALID_ARGUMENT : put_unsigned(device, "temperature", degrees);
}

LIBRARY int nvmlDeviceGetClockInfo(device_t *device, int type, unsigned int *megahertz) {
    char key[32];
    int code = enter_device("nvmlDeviceGetClockInfo", device);
    snprintf(key, sizeof key, "clock.%d", type);
    return code != SUCCESS ? code : put_unsigned(device, key, megahertz);
}

#ifndef STANDIN_OLD /* a driver from before there were fields */
static void put_value(field_t *field, const char *text) {
    char *value;
    double start, more;
    field->valueType = (int)strtol(text, &value, 10);
    if (sscanf(value, "%lf %lf", &start, &more) == 2) {
        field->value.ull = (unsigned long long)(start + more * driver_number("standin_nanoseconds", 0));
        return;
    }
    switch (field->valueType) {
        case 0: field->value.d = strtod(value, NULL); break;
        case 1: field->value.u = (unsigned int)strtoul(value, NULL, 10); break;
        case 4: field->value.sll = strtoll(value, NULL, 10); break;
        case 5: field->value.i = (int)strtol(value, NULL, 10); break;
        case 6: field->value.us = (unsigned short)strtoul(value, NULL, 10); break;
        default: field->value.ull = strtoull(value, NULL, 10); break;
    }
}

LIBRARY int nvmlDeviceGetFieldValues(device_t *device, int count, field_t *fields) {
    char key[64], text[128];
    int code = enter_device("nvmlDeviceGetFieldValues", device);
    for (int i = 0; code == SUCCESS && i < count; i++) {
        memset(&fields[i].value, 0x7f, sizeof fields[i].value); /* undefined unless the field's own code is success */
        fields[i].nvmlReturn = NOT_SUPPORTED;
        snprintf(key, sizeof key, "field.%u", fields[i].fieldId);
        if (device_text(device, key, text, sizeof text)) {
            fields[i].nvmlReturn = SUCCESS;
            put_value(&fields[i], text);
        }
        snprintf(key, sizeof key, "fail.field.%u", fields[i].fieldId);
        if (device_text(device, key, text, sizeof text)) {
            fields[i].nvmlReturn = atoi(text);
        }
    }
    return code;
}
#endif

LIBRARY int nvmlDeviceGetSamples(
    device_t *device, int type, unsigned long long since, int *value_type, unsigned int *count, sample_t *samples) {
    static char text[1 << 16];
    int code = enter_device("nvmlDeviceGetSamples", device);
    if (code != SUCCESS) {
        return code;
    }
    if (type != 0 || !device_text(device, "samples", text, sizeof text)) {
        return NOT_SUPPORTED;
    }
    unsigned int found = 0;
    for (char *entry = strtok(text, " "); entry != NULL; entry = strtok(NULL, " ")) {
        unsigned long long stamp;
        unsigned int milliwatts;
        if (sscanf(entry, "%llu:%u", &stamp, &milliwatts) == 2 && stamp > since) {
            if (samples != NULL && found >= *count) {
                return INSUFFICIENT_SIZE;
            }
            if (samples != NULL) {
                memset(&samples[found], 0x7f, sizeof samples[found]);
                samples[found].timeStamp = stamp;
                samples[found].sampleValue.u = milliwatts;
            }
            found++;
        }
    }
    *value_type = 1;
    /* like the driver: without a buffer the ring's size, which may be more than there is */
    *count = samples == NULL ? found + 3 : found;
    return found == 0 ? NOT_FOUND : SUCCESS;
}

LIBRARY int nvmlDeviceGetComputeRunningProcesses_v3(device_t *device, unsigned int *count, process_t *processes) {
    static char text[1 << 16];
    int code = enter_device("nvmlDeviceGetComputeRunningProcesses_v3", device);
    if (code != SUCCESS) {
        return code;
    }
    if (!device_text(device, "processes", text, sizeof text)) {
        return NOT_SUPPORTED;
    }
    unsigned int found = 0;
    for (char *entry = strtok(text, " "); entry != NULL; entry = strtok(NULL, " "), found++) {
        if (found < *count) {
            char *bytes;
            memset(&processes[found], 0x7f, sizeof processes[found]);
            processes[found].pid = (unsigned int)strtoul(entry, &bytes, 10);
            processes[found].usedGpuMemory =
                strcmp(bytes, ":none") == 0 ? ~0ULL : strtoull(bytes + 1, NULL, 10);
        }
    }
    int fits = found <= *count;
    *count = found;
    return fits ? SUCCESS : INSUFFICIENT_SIZE;
}
