export const errors = {
  errors: {
    NOT_CONNECTED: {
      what: 'The window is not connected to the workbench.',
      next: 'Wait until it is connected again, then repeat.',
    },
    UNEXPECTED: {
      what: 'Something unexpected went wrong.',
      next: 'Repeat it; if it stays, restart the workbench.',
    },
    BAD_REQUEST: {
      what: 'The workbench could not read the request.',
      next: 'Check what was entered.',
    },
    CLOSED: {
      what: 'The workbench is closed.',
      next: 'Start it again.',
    },
    INTERNAL: {
      what: 'The workbench failed at this.',
      next: 'Repeat it; if it stays, restart the workbench.',
    },
    SETTINGS_TOO_LARGE: {
      what: 'The settings would become too large.',
      next: 'Reset the layout, then repeat.',
    },
    BLOB_DAMAGED: {
      what: 'The stored image is damaged on the disk.',
      next: 'Add the file again.',
    },
    DATA_DIR_UNUSABLE: {
      what: 'The data folder cannot be written.',
      next: 'Check free space and permissions of the folder shown in the status bar.',
    },
    CONTRACT_MISMATCH: {
      what: 'Window and workbench are of different versions.',
      next: 'Reload the window.',
    },
    IMAGE_DAMAGED: {
      what: 'The image file is damaged.',
      next: 'Get the file anew and check its SHA-256.',
    },
    IMAGE_FOREIGN: {
      what: 'The file is no firmware image.',
      next: 'Choose a bin, Intel HEX, SREC, UF2 or ELF file.',
    },
    IMAGE_TOO_LARGE: {
      what: 'The file is too large.',
      next: 'Firmware images may have up to 64 MiB.',
    },
    IMAGE_UNKNOWN: {
      what: 'The image is no longer in the library.',
      next: 'Add it again.',
    },
    IMAGE_UNFIT: {
      what: 'The image does not fit the device.',
      next: 'Choose the image that is made for this device.',
    },
    BAD_LINK: {
      what: 'The link cannot be read.',
      next: 'Write it in one of the forms shown.',
    },
    LINK_NOT_FOUND: {
      what: 'There is no such port.',
      next: 'Connect the device, then refresh the list of ports.',
    },
    LINK_DENIED: {
      what: 'This user may not open the port.',
      next: 'Give the user access to the port (on Linux often the group dialout) and log in again.',
    },
    LINK_BUSY: {
      what: 'The port is in use.',
      next: 'Close the other program, or wait for the running restore.',
    },
    LINK_LOST: {
      what: 'The link went away.',
      next: 'Check cable and power, put the device into restore mode and repeat.',
    },
    LINK_REFUSED: {
      what: 'Nobody listens at that address.',
      next: 'Check host and port, and that the other end runs.',
    },
    NO_ANSWER: {
      what: 'Nothing answers.',
      next: 'Check cable, baud rate and power, and put the device into restore mode.',
    },
    DEVICE_REFUSED: {
      what: 'The device refused.',
      next: 'Put it into restore mode and repeat; check that the image is made for it.',
    },
    DEVICE_CONFUSED: {
      what: 'The device answered with something that makes no sense.',
      next: 'Check the baud rate and that the device speaks this protocol.',
    },
    VERIFY_FAILED: {
      what: 'The device does not hold what was sent.',
      next: 'Restore again. If it happens again, the flash of the device may be worn.',
    },
    OPTION_UNFIT: {
      what: 'An option does not fit the image or the protocol.',
      next: 'Change the option.',
    },
    RESTORE_UNKNOWN: {
      what: 'There is no such restore.',
      next: 'Choose one of the history.',
    },
    CANCELLED: {
      what: 'The restore was cancelled.',
      next: 'Restore again to bring the device back.',
    },
    HANDSET_UNKNOWN: {
      what: 'There is no such virtual handset.',
      next: 'Make one, or choose another.',
    },
    HANDSET_EXISTS: {
      what: 'A handset of that name exists.',
      next: 'Choose another name.',
    },
    HANDSET_OFF: {
      what: 'The handset is switched off.',
      next: 'Switch it on, then repeat.',
    },
    SOFTWARE_NOT_RUNNING: {
      what: 'The software does not run.',
      next: 'Wait until it runs, or switch the handset on.',
    },
    SOFTWARE_UNKNOWN: {
      what: 'There is no such built-in software.',
      next: 'Choose one of the list.',
    },
    BAD_FAULT: {
      what: 'That is no fault.',
      next: 'Choose one of the list, or correct the line.',
    },
    RAM_INSUFFICIENT: {
      what: 'So much RAM cannot be secured.',
      next: 'Ask for less, or switch the handset off and on.',
    },
    RAM_SECURED: {
      what: 'A RAM area is secured already.',
      next: 'Release it first.',
    },
    MODEL_UNKNOWN: {
      what: 'There is no such handset model.',
      next: 'Choose one of the list.',
    },
    BAD_ADDRESS: {
      what: 'The address lies outside the memory.',
      next: 'Choose an address within it.',
    },
    RADIO_OFF: {
      what: 'No radio cell is in reach.',
      next: 'Put one in reach, then ask again.',
    },
    UPDATE_RUNNING: {
      what: 'An update goes on.',
      next: 'Wait for its end, or cancel it.',
    },
    RELEASE_UNFIT: {
      what: 'The file cannot be a release.',
      next: 'Choose an image whose descriptor names model and version, or say what other software it is.',
    },
    RELEASE_EXISTS: {
      what: 'This release is there already.',
      next: 'Take another version, or withdraw the one that is there.',
    },
    RELEASE_UNKNOWN: {
      what: 'There is no such release.',
      next: 'Choose one of the list.',
    },
    DELTA_JOB_UNKNOWN: {
      what: 'That run is no longer known.',
      next: 'Start it again.',
    },
    DELTA_JOBS_BUSY: {
      what: 'Too many runs go on.',
      next: 'Wait until one has ended, or cancel it.',
    },
    DELTA_FILE_MISSING: {
      what: 'That run has made no differential file.',
      next: 'Wait for it, or start it again.',
    },
    DELTA_WORKER_DIED: {
      what: 'The worker of that run died.',
      next: 'Start it again; if it stays, the images may be too large for this machine.',
    },
    VENDOR_EXISTS: {
      what: 'A vendor of this name exists.',
      next: 'Choose another name.',
    },
    VENDOR_UNKNOWN: {
      what: 'There is no such vendor.',
      next: 'Create it on the Vendor console, or register it at the carrier.',
    },
    PACKAGE_UNKNOWN: {
      what: 'No such file was added.',
      next: 'Add it again.',
    },
    PACKAGE_TOO_LARGE: {
      what: 'The file is too large.',
      next: 'Choose a smaller one.',
    },
    RELEASE_RETURNED: {
      what: 'The carrier returned this revision.',
      next: 'Mend the software and register it again: it gets the next revision.',
    },
    ACCESSOR_UNKNOWN: {
      what: 'There is no such accessor.',
      next: 'Choose one of the list.',
    },
    NOTICE_FAILED: {
      what: 'The carrier could not be told.',
      next: 'Check the password for the carrier, then repeat.',
    },
    CUSTOMER_UNKNOWN: {
      what: 'No such device is in the customer table.',
      next: 'Choose a row of the table.',
    },
    CUSTOMER_UNFIT: {
      what: 'The row cannot be taken.',
      next: 'Correct what is named below.',
    },
    ROLLOUT_UNKNOWN: {
      what: 'There is no such rollout.',
      next: 'Choose one of the list.',
    },
    ROLLOUT_STATE: {
      what: 'The rollout is not in a state for that.',
      next: 'Look at its state, and at what it waits for.',
    },
    TASK_UNKNOWN: {
      what: 'The rollout has no task for this device.',
      next: 'Choose a device of the rollout.',
    },
    ANSWER_LATE: {
      what: 'The time to answer is over.',
      next: 'The device stays as it is until the next release.',
    },
    DEVICES_FULL: {
      what: 'The server takes no more devices.',
      next: 'Take devices out that are no longer there.',
    },
    INVOICE_UNKNOWN: {
      what: 'There is no such invoice.',
      next: 'Choose one of the list.',
    },
    PAYMENT_UNFIT: {
      what: 'The payment does not fit its invoice.',
      next: 'Pay the amount of the invoice.',
    },
    PAYMENT_DOUBLE: {
      what: 'The invoice is paid, or the payment was taken before.',
      next: 'Nothing is to be done.',
    },
    MAIL_UNKNOWN: {
      what: 'No such mail is in the mailbox.',
      next: 'Choose one of the list.',
    },
    MAIL_REFUSED: {
      what: 'The mail server did not take the mail.',
      next: 'Check the mail server in the settings.',
    },
    ADDRESS_TAKEN: {
      what: 'Another device has this address.',
      next: 'Choose another address.',
    },
    ADDRESS_UNKNOWN: {
      what: 'No device has this address.',
      next: 'Choose one of the list.',
    },
    FLEET_EXISTS: {
      what: 'A fleet of this name exists.',
      next: 'Choose another name.',
    },
    FLEET_UNKNOWN: {
      what: 'There is no such fleet.',
      next: 'Choose one of the list.',
    },
    FLEET_UNFIT: {
      what: 'Such a fleet cannot be made.',
      next: 'Correct what is named below.',
    },
    CUSTOMER_BUSY: {
      what: 'The device has an open task.',
      next: 'Wait for its end, or cancel the rollout.',
    },
    VENDOR_UNFIT: {
      what: 'The vendor cannot be registered like that.',
      next: 'Correct what is named below.',
    },
    METADATA_KEYS_MISSING: {
      what: 'Too few root keys are left to sign.',
      next: 'Create the vendor anew.',
    },
    METADATA_FULL: {
      what: 'Handsets take no more metadata of this vendor.',
      next: 'Keep the present keys and releases, or open another vendor.',
    },
    ROOT_UNFIT: {
      what: 'This is no root metadata of a vendor.',
      next: 'Take the root of the vendor as its console gives it.',
    },
    MESSAGE_UNKNOWN: {
      what: 'That message is no longer in the trace.',
      next: 'Choose another.',
    },
    CLOCK_REAL: {
      what: 'This workbench runs on real time.',
      next: 'Only virtual time can be advanced.',
    },
  },
} as const
